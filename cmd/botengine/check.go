package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/state"
)

func (c *cli) checkCmd() *cobra.Command {
	k := checker{cli: c}
	var format, output string
	var watch, understood bool
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: c.say("检查规则和配置：一次列出全部问题", "check rules and configuration: every finding at once"),
		RunE: func(cmd *cobra.Command, paths []string) error {
			k.paths, k.format = paths, diag.Format(format)
			if !slices.Contains(diag.Formats(), k.format) {
				return errors.New(c.say("--format 只能是 ", "--format is one of ") + formatNames(", "))
			}
			switch {
			case watch && understood:
				return errors.New(c.say("--watch 和 --print 不能一起用", "--watch and --print don't go together"))
			case cmd.Flags().Changed("output") && !understood:
				return errors.New(c.say("-o 只和 --print 一起用；问题的格式用 --format", "-o goes with --print; the format of findings is --format"))
			case understood:
				return k.understood(output)
			case watch:
				return k.watch(cmd.Context())
			}
			return k.check()
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&k.strict, "strict", false, c.say("只有警告也以 3 退出", "exit with 3 when there are only warnings"))
	flags.BoolVar(&watch, "watch", false, c.say("每次保存都重新检查，直到 Ctrl-C；以最后一次检查的退出码退出", "check anew on every save, until Ctrl-C; the exit code is that of the last check"))
	flags.BoolVar(&understood, "print", false, c.say("打印每条规则被理解成什么：默认值、折叠后的词、步骤的走法", "print how each rule was understood: defaults, folded words, the way through its steps"))
	flags.StringVarP(&output, "output", "o", "text", "text | json"+c.say("（和 --print 一起用）", " (with --print)"))
	flags.StringVar(&format, "format", "text", formatNames(" | "))
	return cmd
}

// checker checks the rules below the paths, again and again if need be; without
// paths, the configuration and the rules it names.
type checker struct {
	*cli
	paths  []string
	format diag.Format
	strict bool

	reader   rule.Reader // they remember the files: a save costs what was saved
	compiler rule.Compiler
}

// checked is what one check found.
type checked struct {
	set      *rule.Set // nil when there are errors
	findings diag.List
	hash     string // of the rules
}

func (k *checker) check() error {
	done, err := k.run()
	if err != nil {
		return err
	}
	if err := k.print(k.out, done.findings, k.format); err != nil {
		return err
	}
	if len(done.findings) == 0 && (k.format == diag.FormatText || k.format == diag.FormatShort) && !k.quiet {
		fmt.Fprintf(k.err, k.say("没有问题：%d 条规则\n", "no findings: %d rules\n"), len(done.set.Rules))
	}
	return k.verdict(done.findings)
}

// sourcePaths are where the rules are, and what is wrong with the configuration
// that says it.
func (k *checker) sourcePaths() ([]string, diag.List, error) {
	if len(k.paths) > 0 {
		return k.paths, nil, nil
	}
	return k.configured()
}

func (k *checker) run() (checked, error) {
	paths, findings, err := k.sourcePaths()
	if err != nil {
		return checked{}, err
	}
	if findings.HasErrors() && !anyThere(paths) { // the configuration's own finding says so, at its line
		return checked{findings: findings}, nil
	}
	read, err := k.read(&k.reader, withFolders(paths))
	if err != nil {
		return checked{}, err
	}
	set, ofRules := k.compiler.Check(read, k.world())
	findings = append(findings, ofRules...)
	ofTests, err := testFaults(paths, read, set)
	if err != nil {
		return checked{}, err
	}
	findings = append(findings, ofTests...).Dedupe()
	findings.Sort()
	return checked{set: set, findings: findings, hash: read.Hash()}, nil
}

// formatNames are the names of the formats, with sep between them.
func formatNames(sep string) string {
	var names []string
	for _, f := range diag.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, sep)
}

// compile reads and checks the rules below paths; without any, those that the
// configuration names, or the folder rules.
func (c *cli) compile(paths []string) (*rule.Set, diag.List, error) {
	if len(paths) == 0 {
		var err error
		if paths, err = c.rulePaths(); err != nil {
			return nil, nil, err
		}
	}
	read, err := c.read(new(rule.Reader), paths)
	if err != nil {
		return nil, nil, err
	}
	set, findings := rule.Check(read, c.world())
	return set, findings, nil
}

// read reads the rules below paths, which have to be there.
func (c *cli) read(reader *rule.Reader, paths []string) (rule.Sources, error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf(c.say("没有 %s 这个文件或文件夹", "there is no file or folder %s"), p)
		}
		if err == nil && !info.IsDir() && !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(p)) {
			return nil, fmt.Errorf(c.say("%s 不是文件夹，也不是 *.yaml 文件", "%s is neither a folder nor a *.yaml file"), p)
		}
	}
	return reader.Read(paths)
}

func (c *cli) rulePaths() ([]string, error) {
	paths, _, err := c.configured() // check and run tell what is wrong with the configuration; rules can be tried without it
	return paths, err
}

// configured are the rules that the configuration names, and what is wrong with
// it. Without a configuration, or one that names none that are there, it is the
// folder rules, if there is one.
func (c *cli) configured() ([]string, diag.List, error) {
	cfg, findings, err := config.Load(c.config, c.env)
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		if c.config != defaultConfig { // somebody named it
			return nil, nil, errors.New(missing.Text().In(c.lang()))
		}
		return []string{"rules"}, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	paths := cfg.Rules
	if findings.HasErrors() && anyThere(paths) {
		paths = slices.DeleteFunc(paths, func(p string) bool { return !anyThere([]string{p}) })
	}
	if len(paths) == 0 || !anyThere(paths) && anyThere([]string{"rules"}) {
		paths = []string{"rules"}
	}
	return paths, slices.DeleteFunc(findings, ofThisMachine), nil
}

// anyThere says whether there is a file or folder at any of the paths.
func anyThere(paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { _, err := os.Stat(p); return err == nil })
}

// world is what the rules are held against beside themselves: the configuration, if
// there is one, and what its engine saw on the platform.
func (c *cli) world() rule.World {
	cfg, _, err := config.Load(c.config, c.env)
	if err != nil {
		return rule.World{}
	}
	return rule.World{Configured: app.Configured(&cfg), Seen: seenBy(&cfg)}
}

// askFor is how long a running engine is asked for names.
const askFor = 3 * time.Second

// seenBy is what the engine of the configuration saw on the platform, be it running
// or not; nil where there is none.
func seenBy(cfg *config.Config) *rule.Seen {
	ctx, cancel := context.WithTimeout(context.Background(), askFor)
	defer cancel()
	seen := new(rule.Seen)
	err := ctl.NewClient(ctl.SocketOf(cfg.State.Path)).Call(ctx, "seen", nil, seen)
	if _, none := errors.AsType[*ctl.UnreachableError](err); none {
		seen, err = seenBefore(ctx, cfg)
	}
	if err != nil {
		return nil // only names are not looked up
	}
	return seen
}

// seenBefore is what an engine that ended left in its state.
func seenBefore(ctx context.Context, cfg *config.Config) (seen *rule.Seen, err error) {
	reader, err := state.OpenReader(cfg.State.Path, state.Options{LockTimeout: 50 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	err = reader.View(ctx, func(tx state.Tx) error {
		seen = app.Seen(tx, cfg)
		return nil
	})
	return seen, err
}

// ofThisMachine are findings about secrets that only the machine that runs the
// engine has: rules are checked on others, too.
func ofThisMachine(f diag.Finding) bool {
	return f.Code == "BE503" || f.Code == "BE504" || f.Code == "BE505"
}

func (c *cli) print(w io.Writer, findings diag.List, format diag.Format) error {
	return diag.Print(w, findings, sources, diag.Options{Lang: c.lang(), Format: format, Color: c.colored(w)})
}
