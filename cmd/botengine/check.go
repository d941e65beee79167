package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/rule"
)

func (c *cli) checkCmd() *cobra.Command {
	var strict bool
	var format string
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: c.say("检查规则和配置：一次列出全部问题", "check rules and configuration: every finding at once"),
		RunE: func(_ *cobra.Command, paths []string) error {
			return c.check(paths, diag.Format(format), strict)
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, c.say("只有警告也以 3 退出", "exit with 3 when there are only warnings"))
	cmd.Flags().StringVar(&format, "format", "text", formatNames(" | "))
	return cmd
}

func (c *cli) check(paths []string, format diag.Format, strict bool) error {
	if !slices.Contains(diag.Formats(), format) {
		return errors.New(c.say("--format 只能是 ", "--format is one of ") + formatNames(", "))
	}
	var findings diag.List
	if len(paths) == 0 {
		var err error
		if paths, findings, err = c.configured(); err != nil {
			return err
		}
	}
	set, ofRules, err := c.compile(paths)
	if err != nil {
		return err
	}
	findings = append(findings, ofRules...)
	if set != nil {
		findings = append(findings, c.lacking(set)...)
	}
	if err := c.print(c.out, findings, format); err != nil {
		return err
	}
	switch {
	case findings.HasErrors():
		return exitError(exitFindings)
	case strict && len(findings) > 0:
		return exitError(exitWarnings)
	case len(findings) == 0 && (format == diag.FormatText || format == diag.FormatShort) && !c.quiet:
		fmt.Fprintf(c.err, c.say("没有问题：%d 条规则\n", "no findings: %d rules\n"), len(set.Rules))
	}
	return nil
}

// formatNames are the names of the formats, with sep between them.
func formatNames(sep string) string {
	var names []string
	for _, f := range diag.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, sep)
}

// compile reads and compiles the rules below paths; without any, those that the
// configuration names, or the folder rules.
func (c *cli) compile(paths []string) (*rule.Set, diag.List, error) {
	if len(paths) == 0 {
		var err error
		if paths, err = c.rulePaths(); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf(c.say("没有 %s 这个文件或文件夹", "there is no file or folder %s"), p)
		}
		if err == nil && !info.IsDir() && !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(p)) {
			return nil, nil, fmt.Errorf(c.say("%s 不是文件夹，也不是 *.yaml 文件", "%s is neither a folder nor a *.yaml file"), p)
		}
	}
	read, err := rule.Read(paths)
	if err != nil {
		return nil, nil, err
	}
	set, findings := rule.Compile(read)
	return set, findings, nil
}

func (c *cli) rulePaths() ([]string, error) {
	paths, _, err := c.configured() // check and run tell what is wrong with the configuration; rules can be tried without it
	return paths, err
}

// configured are the rules that the configuration names, and what is wrong with
// it. Without a configuration, or one that names none that are there, it is the
// folder rules.
func (c *cli) configured() ([]string, diag.List, error) {
	cfg, findings, err := config.Load(c.config, c.env)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{"rules"}, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	paths := cfg.Rules
	if findings.HasErrors() {
		paths = slices.DeleteFunc(paths, func(p string) bool { _, err := os.Stat(p); return err != nil })
	}
	if len(paths) == 0 {
		paths = []string{"rules"}
	}
	return paths, slices.DeleteFunc(findings, ofThisMachine), nil
}

// lacking are the things that steps use of the configuration and that it does not
// have. Without a configuration nothing is known of them.
func (c *cli) lacking(set *rule.Set) diag.List {
	cfg, _, err := config.Load(c.config, c.env)
	if err != nil {
		return nil
	}
	return set.Unconfigured(app.Configured(&cfg))
}

// ofThisMachine are findings about secrets that only the machine that runs the
// engine has: rules are checked on others, too.
func ofThisMachine(f diag.Finding) bool {
	return f.Code == "BE503" || f.Code == "BE504" || f.Code == "BE505"
}

func (c *cli) print(w io.Writer, findings diag.List, format diag.Format) error {
	return diag.Print(w, findings, sources, diag.Options{Lang: c.lang(), Format: format, Color: c.colored(w)})
}
