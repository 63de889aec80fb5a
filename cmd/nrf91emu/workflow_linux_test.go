package main

import (
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

const (
	actionFile   = "../../.github/actions/nrf91emu/action.yml"
	templateFile = "../../.gitlab/nrf91emu.yml"
)

// An action is the part of a composite action of GitHub that is used.
type action struct {
	Inputs map[string]struct {
		Description, Default string
		Required             bool
	}
	Runs struct {
		Using string
		Steps []struct {
			Shell, Run string
			Env        map[string]string
		}
	}
}

// A template is the part of a GitLab configuration that is used.
type template map[string]struct {
	Variables map[string]string
	Script    []string
	Artifacts any
}

// TestWorkflows holds that the action and the template run the same shell, with a
// variable for each input.
func TestWorkflows(t *testing.T) {
	var a action
	var g template
	readYAML(t, actionFile, &a)
	readYAML(t, templateFile, &g)
	require.Equal(t, "composite", a.Runs.Using)
	require.Len(t, a.Runs.Steps, 1)
	step, job := a.Runs.Steps[0], g[".nrf91emu"]
	require.Equal(t, []string{step.Run}, job.Script)
	require.Len(t, job.Variables, len(a.Inputs))
	require.Len(t, step.Env, len(a.Inputs))
	for name, input := range a.Inputs {
		require.NotEmpty(t, input.Description, name)
		variable := "NRF91EMU_" + strings.ToUpper(name)
		require.Equal(t, "${{ inputs."+name+" }}", step.Env[variable])
		require.Contains(t, job.Variables, variable)
		require.Equal(t, input.Default, job.Variables[variable], name)
	}
}

// TestWorkflowsRun runs that shell as GitHub and as GitLab would, see
// testdata/workflow.
func TestWorkflowsRun(t *testing.T) {
	var a action
	var g template
	readYAML(t, actionFile, &a)
	readYAML(t, templateFile, &g)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/github.sh", []byte(a.Runs.Steps[0].Run), 0o666))
	require.NoError(t, os.WriteFile(dir+"/gitlab.sh", []byte(g[".nrf91emu"].Script[0]), 0o666))
	if path, err := osexec.LookPath("shellcheck"); err == nil {
		out, err := osexec.Command(path, "--shell=sh", dir+"/github.sh").CombinedOutput()
		require.NoError(t, err, string(out))
	}
	t.Setenv("GITHUB_SH", dir+"/github.sh")
	t.Setenv("GITLAB_SH", dir+"/gitlab.sh")
	yml, err := filepath.Abs(actionFile)
	require.NoError(t, err)
	t.Setenv("ACTION_YML", yml)
	runScripts(t, "testdata/workflow", "GITHUB_SH", "GITLAB_SH", "ACTION_YML")
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	// Keys are lower-case in both.
	require.NoError(t, yaml.Unmarshal(text, into))
}

func init() {
	// INPUT=VALUE...: runs the action's shell with these inputs.
	programs["github-action"] = func() {
		var a action
		text, err := os.ReadFile(os.Getenv("ACTION_YML"))
		if err == nil {
			err = yaml.Unmarshal(text, &a)
		}
		if err != nil {
			panic(err)
		}
		given := make(map[string]string)
		for _, word := range os.Args[1:] {
			name, value, _ := strings.Cut(word, "=")
			if _, known := a.Inputs[name]; !known {
				panic("no input " + name)
			}
			given[name] = value
		}
		step := a.Runs.Steps[0]
		cmd := osexec.Command(step.Shell, "-e", os.Getenv("GITHUB_SH")) // as the runner does
		cmd.Env, cmd.Stdout, cmd.Stderr = os.Environ(), os.Stdout, os.Stderr
		input := regexp.MustCompile(`\$\{\{ inputs\.([a-z0-9]+) \}\}`)
		for name, value := range step.Env {
			cmd.Env = append(cmd.Env, name+"="+input.ReplaceAllStringFunc(value, func(s string) string {
				key := input.FindStringSubmatch(s)[1]
				if v, ok := given[key]; ok {
					return v
				}
				return a.Inputs[key].Default
			}))
		}
		if err := cmd.Run(); cmd.ProcessState == nil {
			panic(fmt.Sprint("the shell cannot be run: ", err))
		}
		os.Exit(cmd.ProcessState.ExitCode())
	}
}
