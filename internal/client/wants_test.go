package client

// recordedHints are parts of the hints for some recorded errors.
var recordedHints = map[string]string{
	"401-missing.json":                 "check api-key and secret-key",
	"create-400-agent-unknown.json":    "workspace-id selects the workspace",
	"create-400-scenario-unknown.json": "workspace-id selects the workspace",
	"create-404-replay.json":           "replay-session-id",
	"create-500-agent-version.json":    "check agent-version",
	"execution-other-workspace.json":   "unless the keys belong to one",
	"execution-unknown.json":           "check test-execution-id",
	"run-test-other-workspace.json":    "unless the keys belong to one",
	"sdk-runs-out-of-range.json":       "try again later",
	"404-html.html":                    "base-url",
}

// recordedWants describes what each recorded 2xx contains, and other responses that are not
// failures. All others are failures of the kind their status implies.
var recordedWants = map[string]string{
	"agent-definition-create-text.json":  "not asked for",
	"api-test-executions.json":           "not asked for",
	"call-detail-real-voice.json":        "turns: other 0, customer 1, agent 5, customer 9, agent 13, customer 18",
	"call-detail-text.json":              "turns: customer, agent, customer, agent, customer, agent, customer, agent",
	"cancel-200-again-empty-object.json": "Cancellation signal sent to workflow",
	"cancel-200-empty-body.json":         "Cancellation signal sent to workflow",
	"cancel-200-on-completed.json":       "Cancellation signal sent to workflow",
	"cancel-200-on-failed.json":          "Cancellation signal sent to workflow",
	"cancel-200-running.json":            "Cancellation signal sent to workflow",
	"cancel-voice-1-cancelled.json": `voice failed, 2 calls of 4
calls: 2 failed skipped: Activity cancelled
scores [], seconds [], response [], cents [0 0]
evals: 
results: `,
	"cancel-voice-2-failed.json": `voice failed, 2 calls of 4
calls: 2 failed skipped: Activity cancelled
scores [], seconds [], response [], cents [0 0]
evals: 
results: `,
	"create-201-documented-all-keys.json": "example-1 2a6302e5: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals ",
	"create-201-evals.json":               "plan-mix-1 ba7f4f06: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals tone, coherence, no_toxicity",
	"create-201-plain.json":               "example-1 f0a0c6e6: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals ",
	"create-201-template-unknown.json":    "x 8f0ef5fb: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals ",
	"create-eval-config-unknown.json":     "x 6978d5e6: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals ",
	"delete-400-running.json":             "not asked for",
	"eval-configs-201.json":               "made [c974498d-0004-400e-863e-112a3a219c3a]",
	"eval-summary-200.json":               "not asked for",
	"execute-200-text-hosted.json":        "execution 1bb63e8e-0898-49ff-9c38-77590ba1693a of 1 scenarios",
	"execute-200.json":                    "execution 04fb1825-cef9-498b-a8a8-b09cebbb3722 of 1 scenarios",
	"execution-completed-default.json": `voice completed, 8 calls of 10
calls: 1 completed skipped: customer-ended-call; 6 completed: customer-ended-call; 1 failed skipped: Call initiation failed: provider answered 503
scores [2 8 8 8], seconds [40 41 43 44 45 46 47], response [0.9 0.91 0.93 0.94 0.95 0.96 0.97], cents [12 12 12 12 12 12 12]
evals: coherence: score, no_toxicity: Pass/Fail, tone: choices
results: 1 coherence empty; 1 coherence errored; 1 coherence scorefalse 0.2 []; 3 coherence scorefalse 0.9 []; 2 coherence skipped; 1 no_toxicity empty; 1 no_toxicity errored; 1 no_toxicity passfalse 0 []; 3 no_toxicity passtrue 0 []; 2 no_toxicity skipped; 1 tone choicesfalse 0 [negative]; 3 tone choicesfalse 0 [positive]; 1 tone empty; 1 tone errored; 2 tone skipped`,
	"execution-completed.json": `voice completed, 8 calls of 10
calls: 1 completed skipped: customer-ended-call; 6 completed: customer-ended-call; 1 failed skipped: Call initiation failed: provider answered 503
scores [2 8 8 8], seconds [40 41 43 44 45 46 47], response [0.9 0.91 0.93 0.94 0.95 0.96 0.97], cents [12 12 12 12 12 12 12]
evals: coherence: score, no_toxicity: Pass/Fail, tone: choices
results: 1 coherence empty; 1 coherence errored; 1 coherence scorefalse 0.2 []; 3 coherence scorefalse 0.9 []; 2 coherence skipped; 1 no_toxicity empty; 1 no_toxicity errored; 1 no_toxicity passfalse 0 []; 3 no_toxicity passtrue 0 []; 2 no_toxicity skipped; 1 tone choicesfalse 0 [negative]; 3 tone choicesfalse 0 [positive]; 1 tone empty; 1 tone errored; 2 tone skipped`,
	"execution-filter-status.json": `voice completed, 1 calls of 10
calls: 1 completed: customer-ended-call (1 reruns, first completed: call.start.error-get-transport, lost true true)
scores [], seconds [18], response [], cents [24]
evals: later_json: Pass/Fail, llm_toxicity: Pass/Fail, mentions_refund: Pass/Fail, similarity: score, transcript_is_json: Pass/Fail
results: 1 later_json passfalse 0 []; 1 llm_toxicity errored; 1 mentions_refund passtrue 0 []; 1 similarity errored; 1 transcript_is_json passfalse 0 []`,
	"execution-limit-huge.json": `voice completed, 4 calls of 10
calls: 2 completed: customer-ended-call; 2 completed: customer-ended-call (1 reruns, first completed: call.start.error-get-transport, lost true true)
scores [], seconds [18 18 18 18], response [], cents [12 12 24 24]
evals: later_json: Pass/Fail, llm_toxicity: Pass/Fail, mentions_refund: Pass/Fail, similarity: score, transcript_is_json: Pass/Fail
results: 4 later_json passfalse 0 []; 4 llm_toxicity errored; 4 mentions_refund passtrue 0 []; 4 similarity errored; 4 transcript_is_json passfalse 0 []`,
	"execution-out-of-range.json": ` completed, 0 calls of 10
calls: 
scores [], seconds [], response [], cents []
evals: later_json: Pass/Fail, llm_toxicity: Pass/Fail, mentions_refund: Pass/Fail, similarity: score, transcript_is_json: Pass/Fail
results: `,
	"execution-page2-limit3.json": `voice completed, 3 calls of 10
calls: 3 completed: customer-ended-call
scores [], seconds [18 18 18], response [], cents [12 12 12]
evals: later_json: Pass/Fail, llm_toxicity: Pass/Fail, mentions_refund: Pass/Fail, similarity: score, transcript_is_json: Pass/Fail
results: 3 later_json passfalse 0 []; 3 llm_toxicity errored; 3 mentions_refund passtrue 0 []; 3 similarity errored; 3 transcript_is_json passfalse 0 []`,
	"execution-pending-0.json": `voice pending, 0 calls of 0
calls: 
scores [], seconds [], response [], cents []
evals: coherence: score, no_toxicity: Pass/Fail, tone: choices
results: `,
	"execution-pending-3.json": `voice pending, 1 calls of 4
calls: 1 pending
scores [], seconds [], response [], cents []
evals: coherence: score, no_toxicity: Pass/Fail, tone: choices
results: `,
	"execution-running-limit1.json": `voice running, 1 calls of 10
calls: 1 completed: customer-ended-call
scores [8], seconds [49], response [0.99], cents [12]
evals: coherence: score, no_toxicity: Pass/Fail, tone: choices
results: 1 coherence scorefalse 0.9 []; 1 no_toxicity passtrue 0 []; 1 tone choicesfalse 0 [positive]`,
	"executions-200.json":                 "executions [c8178305 completed 19:15:01 of Refund voice, Billing voice]",
	"executions-after-temporal-down.json": "executions [4f627858 pending 18:59:45 of Billing voice, Refund voice]",
	"executions-status-title.json":        "executions []",
	"health-200.json":                     "not asked for",
	"id-by-name-200.json":                 "2a6302e5-99d3-4af4-ba79-d8d1b3ae8a2a, found true",
	"id-by-name-400.json":                 "00000000-0000-0000-0000-000000000000, found false",
	"kpis-200.json":                       "not asked for",
	"performance-summary-200.json":        "not asked for",
	"real-voice-after-rerun.json": `voice completed, 5 calls of 10
calls: 3 completed: customer-ended-call; 2 completed: customer-ended-call (1 reruns, first completed: call.start.error-get-transport, lost true true)
scores [], seconds [18 18 18 18 18], response [], cents [12 12 12 24 24]
evals: llm_toxicity: Pass/Fail, mentions_refund: Pass/Fail, similarity: score, transcript_is_json: Pass/Fail
results: 5 llm_toxicity errored; 5 mentions_refund passtrue 0 []; 5 similarity errored; 5 transcript_is_json passfalse 0 []`,
	"rerun-200-call-and-eval.json":           `2 accepted, 1 left out, dispatch error ""`,
	"rerun-200-eval-only.json":               `2 accepted, 1 left out, dispatch error ""`,
	"rerun-200-while-running-merged.json":    `1 accepted, 1 left out, dispatch error ""`,
	"run-new-evals-200-dispatch-failed.json": "250 calls, dispatch failed true",
	"run-test-200.json":                      "example-1 f0a0c6e6: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals ",
	"run-test-status-200.json":               "not asked for",
	"run-tests-list.json":                    "run tests x, x",
	"sdk-analytics-200.json":                 "not asked for",
	"sdk-metrics-200.json":                   "completed, 10 calls, 10 completed, 0 failed, ended true",
	"sdk-metrics-after-cancel.json":          "failed, 4 calls, 0 completed, 4 failed, ended true",
	"sdk-metrics-ongoing.json":               "running, 4 calls, 0 completed, 0 failed, ended false",
	"sdk-metrics-other-workspace.json":       "completed, 10 calls, 10 completed, 0 failed, ended true",
	"sdk-runs-200.json":                      "not asked for",
	"text-hosted-failed.json": `text failed, 4 calls of 4
calls: 4 failed
scores [], seconds [], response [], cents []
evals: llm_toxicity: Pass/Fail, mentions_refund: Pass/Fail, similarity: score, transcript_is_json: Pass/Fail
results: `,
	"workspace-header-200.json": "agent-gate-20b3627a-6e2c-4471-a166-9a51cd13709c 25f8241d: voice Support voice agent (agent_definition), scenarios Billing voice Completed 4, Refund voice Completed 6, evals later_json, llm_toxicity, similarity, transcript_is_json, mentions_refund",
}
