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
	if set == nil {
		if err := c.print(findings, "text"); err != nil {
			return err
		}
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
		f, err := ruletest.ReadFile(path)
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
			fmt.Fprintln(c.out, one)
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
