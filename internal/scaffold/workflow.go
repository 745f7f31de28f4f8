package scaffold

import "strings"

// The CI systems that have a workflow.
const (
	GitHub = "github"
	GitLab = "gitlab"
)

// File is a file to write.
type File struct {
	Path string
	Data []byte
	// Then is what the user has to do with it, in one sentence; empty if nothing.
	Then string
}

// Workflow returns the workflow of a CI system that runs the suite. HasPipeline is whether
// the repository has a .gitlab-ci.yml, which then has to include the job.
func Workflow(ci, suiteFile string, hasPipeline bool) File {
	if ci == GitLab {
		f := File{Path: ".gitlab-ci.yml", Data: []byte(withConfig(gitLabJob, "    - agent-gate run", " --config ", suiteFile))}
		if hasPipeline {
			f.Path = ".gitlab/agent-gate.yml"
			f.Then = "Include it in .gitlab-ci.yml: include: [{ local: " + f.Path + " }]"
		}
		return f
	}
	return File{
		Path: ".github/workflows/agent-gate.yml",
		Data: []byte(withConfig(gitHubWorkflow, "          json-report: agent-gate.json", "\n          config: ", suiteFile)),
	}
}

// withConfig adds the input config after a line, unless the suite file is found by its
// name.
func withConfig(workflow, after, config, suiteFile string) string {
	if suiteFile == "agent-gate.yaml" || suiteFile == ".github/agent-gate.yaml" {
		return workflow
	}
	return strings.Replace(workflow, after, after+config+"'"+strings.ReplaceAll(suiteFile, "'", "''")+"'", 1)
}

const gitHubWorkflow = `# Runs the gates in agent-gate.yaml. Add the secrets FI_API_KEY and FI_SECRET_KEY under
# Settings, Secrets and variables, Actions.
name: Agent gate

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

concurrency:
  group: agent-gate-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }} # also cancels the calls

jobs:
  gate:
    runs-on: ubuntu-latest
    timeout-minutes: 70
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: agent-gate/agent-gate@v1 # better: pin the full SHA of a release
        with:
          api-key: ${{ secrets.FI_API_KEY }}
          secret-key: ${{ secrets.FI_SECRET_KEY }}
          json-report: agent-gate.json
          html-report: agent-gate.html
      - if: ${{ !cancelled() }}
        uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1
        with:
          path: agent-gate.html
          archive: false # the browser opens it
      - if: ${{ !cancelled() }}
        uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1
        with:
          name: agent-gate
          path: agent-gate.json
`

const gitLabJob = `# Runs the gates in agent-gate.yaml. Add the masked variables AGENT_GATE_API_KEY and
# AGENT_GATE_SECRET_KEY under Settings, CI/CD, Variables.
agent-gate:
  stage: test
  image:
    name: ghcr.io/agent-gate/agent-gate:1
    entrypoint: [""] # GitLab needs a shell in the image
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  dependencies: []
  variables:
    # In the project folder, because after_script may run in a new container.
    AGENT_GATE_STATE_FILE: .agent-gate-$CI_JOB_ID.json
    AGENT_GATE_JSON_REPORT: agent-gate.json
    AGENT_GATE_JUNIT_REPORT: agent-gate-junit.xml
    AGENT_GATE_HTML_REPORT: agent-gate.html
    AGENT_GATE_REPORT_URL: $CI_JOB_URL/artifacts/file/agent-gate.html
    AGENT_GATE_ANNOTATIONS_REPORT: agent-gate-annotations.json
    AGENT_GATE_DOTENV_FILE: agent-gate.env
  script:
    - agent-gate run
  after_script:
    - agent-gate cleanup
  artifacts:
    when: always
    expose_as: Agent gate reports # in the merge request
    paths: [agent-gate.json, agent-gate.html, agent-gate-junit.xml]
    reports:
      annotations: agent-gate-annotations.json
      junit: agent-gate-junit.xml
      dotenv: agent-gate.env
`
