package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
)

// tester runs the tests of rules.
type tester struct {
	*cli
	paths       []string
	run         string
	output      string
	junit       string
	update      bool
	strict      bool
	coverage    bool
	coverageMin float64

	named *regexp.Regexp // the tests to run; nil = all
}

func (c *cli) testCmd() *cobra.Command {
	t := tester{cli: c}
	cmd := &cobra.Command{
		Use:   "test [PATH…]",
		Short: c.say("运行规则的测试（*_test.yaml，和规则文件里的 tests），用虚拟时钟", "run the tests of the rules (*_test.yaml, and tests in rule files), on a virtual clock"),
		Long: c.say(`运行规则旁边的 *_test.yaml，以及规则文件里 tests 下面的测试，用虚拟时钟，什么也不发。

一个 expect 也没有的测试什么也没检查：它不算通过，结果里会打印可以直接粘贴的 expect，
最后一行单独计数；--strict 时以 3 退出。空着的 expect 也一样。`,
			`Runs the *_test.yaml beside the rules, and what stands under tests in rule files, on a
virtual clock; nothing is sent.

A test without any expect checks nothing: it does not count as passed, the expect to
paste is printed, and the last line counts it apart; with --strict the exit code is 3.
An expect without a value is the same.`),
		RunE: func(cmd *cobra.Command, paths []string) error {
			t.paths = paths
			t.coverage = t.coverage || cmd.Flags().Changed("coverage-min")
			return t.test()
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&t.run, "run", "", c.say("只运行名字里能找到这个正则的测试", "only tests in whose names this regular expression is found"))
	flags.BoolVar(&t.coverage, "coverage", false, c.say("列出从没触发的规则、从没成立或从没不成立的条件", "list rules that never fired and conditions that were never true or never false"))
	flags.Float64Var(&t.coverageMin, "coverage-min", 0, c.say("覆盖率低于这个百分数时以 1 退出", "exit with 1 when less than this percentage is covered"))
	flags.StringVar(&t.junit, "junit", "", c.say("把结果另写成 JUnit XML 文件", "also write the results as a JUnit XML file"))
	flags.BoolVar(&t.update, "update", false, c.say("把 expect 改写成实际结果，别的一个字节也不动", "rewrite each expect to what happened; no other byte changes"))
	flags.BoolVar(&t.strict, "strict", false, c.say("有测试还没写 expect 时以 3 退出", "exit with 3 when a test expects nothing yet"))
	flags.StringVarP(&t.output, "output", "o", "text", "text | json")
	cmd.AddCommand(c.testFromTraceCmd())
	return cmd
}

func (t *tester) test() error {
	if err := t.refuse(); err != nil {
		return err
	}
	set, findings, err := t.rules()
	if err != nil {
		return err
	}
	if err := t.print(t.err, findings, diag.FormatText); err != nil {
		return err
	}
	if set == nil {
		return exitError(exitFindings)
	}
	files, findings, err := t.files(set)
	switch {
	case err != nil:
		return err
	case findings.HasErrors():
		return t.faults(findings)
	case len(files) == 0:
		return errors.New(t.say("没有 *_test.yaml，规则文件里也没有 tests：没有可运行的测试", "no *_test.yaml, and no tests in the rule files: there is nothing to run"))
	}
	return t.report(set, files)
}

// refuse refuses flags that can't be, or not together.
func (t *tester) refuse() (err error) {
	switch {
	case t.output != "text" && t.output != "json":
		return errors.New(t.say("-o 只能是 text 或 json", "-o is text or json"))
	case t.coverageMin < 0 || t.coverageMin > 100:
		return errors.New(t.say("--coverage-min 是 0 到 100 的百分数", "--coverage-min is a percentage, 0 to 100"))
	case t.update && (t.coverage || t.junit != "" || t.output == "json"):
		return errors.New(t.say("--update 改写测试，不能和 --coverage、--junit、-o json 一起用：先改写，再运行一次",
			"--update rewrites the tests and does not go with --coverage, --junit or -o json: rewrite first, then run again"))
	}
	if t.run != "" {
		if t.named, err = regexp.Compile(t.run); err != nil {
			return fmt.Errorf(t.say("--run 不是正则表达式：%w", "--run is no regular expression: %w"), err)
		}
	}
	return nil
}

// rules compiles the rules that the tests are about: where nothing but files of tests
// is named, those of their folders.
func (t *tester) rules() (*rule.Set, diag.List, error) {
	if len(t.paths) == 0 {
		var err error
		if t.paths, err = t.rulePaths(); err != nil {
			return nil, nil, err
		}
	}
	return t.compile(withFolders(t.paths))
}

func (t *tester) faults(findings diag.List) error {
	if err := t.print(t.err, findings, diag.FormatText); err != nil {
		return err
	}
	return exitError(exitFindings)
}

// files reads the tests below the paths, and says what is wrong with them.
func (t *tester) files(set *rule.Set) (files []ruletest.File, findings diag.List, err error) {
	sources, err := t.testSources(set)
	if err != nil {
		return nil, nil, err
	}
	for _, src := range sources {
		f, found := ruletest.Read(src)
		if !found.HasErrors() {
			found = append(found, ruletest.Check(set, &f)...)
		}
		files, findings = append(files, f), append(findings, found...)
	}
	return files, findings, nil
}

// testSources are the *_test.yaml below the paths and the rule files with tests, in
// the order of their paths.
func (t *tester) testSources(set *rule.Set) (out rule.Sources, err error) {
	if out, err = readTestFiles(t.paths); err != nil {
		return nil, err
	}
	for _, src := range set.Sources {
		if src.HasTests() && t.below(src.Path) {
			out = append(out, src)
		}
	}
	slices.SortFunc(out, func(a, b rule.Source) int { return compareStrings(a.Path, b.Path) })
	return out, nil
}

// readTestFiles reads the *_test.yaml below the paths.
func readTestFiles(paths []string) (out rule.Sources, err error) {
	files, err := testFiles(paths)
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		text, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			return nil, err
		}
		out = append(out, rule.Source{Path: filepath.ToSlash(path), Text: text})
	}
	return out, nil
}

// below says whether the paths name the file: one that is read for the sake of a file
// of tests is not.
func (t *tester) below(path string) bool {
	return slices.ContainsFunc(t.paths, func(p string) bool {
		rel, err := filepath.Rel(p, filepath.FromSlash(path))
		return err == nil && filepath.IsLocal(rel) && !ruletest.IsTestFile(p)
	})
}

// testFiles are the *_test.yaml below the paths, sorted.
func testFiles(paths []string) ([]string, error) {
	var files []string
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && ruletest.IsTestFile(path) {
				files = append(files, filepath.Clean(path))
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

// outcome is one test that was run.
type outcome struct {
	ruletest.Result
	file *ruletest.File
	took time.Duration
}

// state is the word for what became of a test.
func (o *outcome) state() string {
	switch {
	case len(o.Failures) > 0:
		return "failed"
	case len(o.Asking) > 0:
		return "unexpecting"
	}
	return "passed"
}

// runAll runs the tests that are wanted.
func (t *tester) runAll(set *rule.Set, files []ruletest.File, cover *ruletest.Coverage) ([]outcome, error) {
	runner := ruletest.NewRunner(set)
	runner.Cover(cover)
	var out []outcome
	for i := range files {
		f := &files[i]
		for k := range f.Tests {
			if t.named != nil && !t.named.MatchString(f.Tests[k].Name) {
				continue
			}
			began := time.Now()
			result, err := runner.Run(f, &f.Tests[k])
			if err != nil {
				return nil, err
			}
			out = append(out, outcome{result, f, time.Since(began)})
		}
	}
	if len(out) == 0 && t.named != nil {
		return nil, fmt.Errorf(t.say("没有名字符合 %s 的测试", "there is no test whose name fits %s"), t.run)
	}
	return out, nil
}
