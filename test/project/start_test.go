package project_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestStart_whatOneJobStartsAnotherJudges runs the commands of the examples that start calls in one job and judge them in
// another, or that begin again after the loss of a pod: with `agent-gate serve` as the API, and a gh that notes what it is
// asked. Whatever runs, one execution is paid for.
func TestStart_whatOneJobStartsAnotherJudges(t *testing.T) {
	t.Parallel()
	program := build(t)
	for name, jobs := range map[string][]startJob{
		"github":     {githubStep(t, "github-start.yml", "start", "Start"), githubStep(t, "github-judge.yml", "judge", "Judge")},
		"gitlab":     {pipelineJob(t, "agent-gate-start"), pipelineJob(t, "agent-gate")},
		"kubernetes": {podOf(t, "kubernetes-job.yml"), podOf(t, "kubernetes-job.yml")},
		"argo":       {podOf(t, "argo-rollouts.yml"), podOf(t, "argo-rollouts.yml")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ, dir := serve(t, program, "--story", "pass"), workspace(t, program)
			file := "version: 1\ngates:\n  - name: a\n    agent-definition-id: 5f0c8a52-3c5b-4f0e-9a55-0d6f3c1f6a11\n    scenario-ids: [78d232e4-4949-40ba-b1c1-71b843fa39cd]\n    criteria: pass_rate >= 90\n"
			if !slices.ContainsFunc(jobs[0].environ, func(pair string) bool { return strings.HasPrefix(pair, "AGENT_GATE_RUN_TEST_ID=") }) {
				if err := os.WriteFile(filepath.Join(dir, "agent-gate.yaml"), []byte(file), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if out, code := shell(t, dir, environ, "agent-gate --run-test-id a758ede8-419d-4f12-9270-be81e46f4896 --criteria 'pass_rate >= 90'"); code != 0 {
				t.Fatalf("the run test cannot be executed: %s", out)
			}
			var said []string
			for i, job := range jobs {
				out, code := shell(t, dir, slices.Concat(job.environ, environ), job.script)
				if code != 0 {
					t.Fatalf("job %d: %s\nexit code %d:\n%s", i+1, job.script, code, out)
				}
				said = append(said, out)
			}
			if !strings.Contains(said[0], "Test execution ") {
				t.Errorf("the first job starts nothing:\n%s", said[0])
			}
			if !regexp.MustCompile(`(Judging|Taking up) execution [0-9a-f-]{36}`).MatchString(said[1]) {
				t.Errorf("the second job does not judge what the first one has started:\n%s", said[1])
			}
		})
	}
}

// startJob is a script with its variables.
type startJob struct {
	script  string
	environ []string
}

// githubStep is a step of a workflow.
func githubStep(t *testing.T, file, job, step string) startJob {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Name, Run string
				Env       map[string]string
			}
		}
	}
	decode(t, file, false, &workflow)
	for _, s := range workflow.Jobs[job].Steps {
		if s.Name == step {
			// Expressions of the same commit are the same in both files.
			sha := regexp.MustCompile(`\$\{\{ (github\.event\.pull_request\.head\.sha|matrix\.pull\.sha) \}\}`)
			j := startJob{script: s.Run, environ: []string{"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/support"}}
			for name, value := range s.Env {
				value = sha.ReplaceAllString(value, "0123456789abcdef0123456789abcdef01234567")
				j.environ = append(j.environ, name+"="+plain(strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "AGENT_GATE_"), "_", "-")), value))
			}
			return j
		}
	}
	t.Fatalf("%s: the job %s has no step %s", file, job, step)
	return startJob{}
}

// pipelineJob is a job of a pipeline.
func pipelineJob(t *testing.T, name string) startJob {
	t.Helper()
	var pipeline map[string]yaml.Node
	decode(t, "gitlab.yml", false, &pipeline)
	j := startJob{environ: []string{"GITLAB_CI=true", "CI_PROJECT_PATH=acme/support", "CI_PIPELINE_ID=4711", "CI_JOB_NAME=" + name}}
	for name != "" {
		var job struct {
			Extends   string
			Script    []string
			Variables map[string]string
		}
		node := pipeline[name]
		if err := node.Decode(&job); err != nil {
			t.Fatal(err)
		}
		if j.script == "" {
			j.script = strings.Join(job.Script, "\n")
		}
		for variable, value := range job.Variables {
			j.environ = append(j.environ, variable+"="+strings.ReplaceAll(value, "$CI_PIPELINE_ID", "4711"))
		}
		name = job.Extends
	}
	return j
}

// pod is the part of a Kubernetes pod that the examples use.
type pod struct {
	Spec struct {
		RestartPolicy                 string `yaml:"restartPolicy"`
		TerminationGracePeriodSeconds int    `yaml:"terminationGracePeriodSeconds"`
		Containers                    []struct {
			Name, Image string
			Args        []string
			Env         []struct {
				Name, Value string
				ValueFrom   *struct {
					SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
				} `yaml:"valueFrom"`
			}
			SecurityContext map[string]bool `yaml:"securityContext"`
			VolumeMounts    []struct {
				Name      string
				MountPath string `yaml:"mountPath"`
			} `yaml:"volumeMounts"`
		}
		Volumes []struct {
			Name     string
			EmptyDir struct{} `yaml:"emptyDir"`
		}
	}
}

// jobSpec is the specification of a Kubernetes Job, as far as the examples use it.
type jobSpec struct {
	BackoffLimit          int `yaml:"backoffLimit"`
	ActiveDeadlineSeconds int `yaml:"activeDeadlineSeconds"`
	PodFailurePolicy      struct {
		Rules []struct {
			Action      string
			OnExitCodes struct {
				Operator string
				Values   []int
			} `yaml:"onExitCodes"`
		}
	} `yaml:"podFailurePolicy"`
	Template pod
}

// podOf is what a manifest runs: a Job, or the job of an AnalysisTemplate.
func podOf(t *testing.T, file string) startJob {
	t.Helper()
	type head struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
	}
	var plainJob struct {
		head `yaml:",inline"`
		Spec jobSpec
	}
	var analysis struct {
		head `yaml:",inline"`
		Spec struct {
			Args    []struct{ Name string }
			Metrics []struct {
				Name     string
				Provider struct{ Job struct{ Spec jobSpec } }
			}
		}
	}
	spec := &plainJob.Spec
	if file == "argo-rollouts.yml" {
		decode(t, file, true, &analysis)
		spec = &analysis.Spec.Metrics[0].Provider.Job.Spec
	} else {
		decode(t, file, true, &plainJob)
	}
	switch {
	case spec.BackoffLimit < 1:
		t.Errorf("%s: a lost pod is not replaced", file)
	case spec.Template.Spec.RestartPolicy != "Never":
		t.Errorf("%s: a podFailurePolicy needs restartPolicy Never", file)
	}
	c := spec.Template.Spec.Containers[0]
	j := startJob{script: "agent-gate " + strings.Join(c.Args, " ")}
	for _, v := range c.Env {
		if v.ValueFrom == nil {
			j.environ = append(j.environ, v.Name+"="+strings.ReplaceAll(v.Value, "{{args.version}}", "1.4.2"))
		}
	}
	return j
}

// decode reads an example. A strict one has no other keys than the value has.
func decode(t *testing.T, file string, strict bool, into any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(read(t, "examples/start/"+file)))
	d.KnownFields(strict)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
