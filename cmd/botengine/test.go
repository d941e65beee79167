package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
)

func (c *cli) testCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "test [PATH…]",
		Short: c.say("运行规则旁边的 *_test.yaml，用虚拟时钟", "run the *_test.yaml beside the rules, on a virtual clock"),
		RunE:  func(_ *cobra.Command, paths []string) error { return c.test(paths) },
	}
}

func (c *cli) test(paths []string) error {
	if len(paths) == 0 {
		var err error
		if paths, err = c.rulePaths(); err != nil {
			return err
		}
	}
	set, findings, err := c.compile(paths)
	if err != nil {
		return err
	}
	if err := c.print(c.err, findings, "text"); err != nil {
		return err
	}
	if set == nil {
		return exitError(exitFindings)
	}
	files, err := testFiles(paths)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New(c.say("没有 *_test.yaml：没有可运行的测试", "no *_test.yaml: there is nothing to run"))
	}
	return c.runTests(set, files)
}

func (c *cli) runTests(set *rule.Set, files []string) error {
	passed, failed := 0, 0
	for _, path := range files {
		f, err := c.readTests(path)
		if err != nil {
			return err
		}
		failures, err := ruletest.Run(set, f)
		if err != nil {
			return err
		}
		bad := map[string]bool{}
		for _, one := range failures {
			bad[one.Test] = true
			fmt.Fprintln(c.out, one.In(c.lang()))
		}
		failed += len(bad)
		passed += len(f.Tests) - len(bad)
	}
	fmt.Fprintf(c.out, c.say("%d 个通过，%d 个失败\n", "%d passed, %d failed\n"), passed, failed)
	if failed > 0 {
		return exitError(exitFindings)
	}
	return nil
}

// testKeys are all keys a file of tests may have, at any depth.
var testKeys = []string{
	"account", "answer", "at", "at_me", "by", "code", "commands", "expect", "fail", "fields", "friend", "group", "groups", "id", "join", "labels",
	"media", "msg", "name", "outcomes", "owner", "phone", "reason", "robot", "robots", "rules", "say", "size", "start", "status", "steps", "tags",
	"tests", "type", "url",
}

// readTests reads a file of tests; what is wrong with its YAML is shown at its
// place, as in the rules.
func (c *cli) readTests(path string) (ruletest.File, error) {
	f, err := ruletest.ReadFile(path)
	if err == nil {
		return f, nil
	}
	if _, wrong := errors.AsType[*yaml.TypeError](err); wrong {
		return f, fmt.Errorf("%s: %w", path, c.yamlProblem(err, testKeys))
	}
	src, readErr := os.ReadFile(filepath.Clean(path))
	if readErr != nil {
		return f, err
	}
	traps := diag.YAMLTraps(path, src, func(src []byte) error { return yaml.Unmarshal(src, new(yaml.Node)) })
	traps = slices.DeleteFunc(traps, func(t diag.Finding) bool { return t.Code == "BE116" }) // tests have tags: `!id 张三`
	if !traps.HasErrors() {
		return f, err
	}
	if err := c.print(c.err, traps, diag.FormatText); err != nil {
		return f, err
	}
	return f, exitError(exitFindings)
}

// testFiles are the *_test.yaml below the paths, sorted.
func testFiles(paths []string) ([]string, error) {
	var files []string
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (strings.HasSuffix(path, "_test.yaml") || strings.HasSuffix(path, "_test.yml")) {
				files = append(files, path)
			}
			return err
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}
