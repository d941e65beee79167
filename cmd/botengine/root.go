package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"botengine/internal/diag"
	"botengine/internal/logs"
)

// defaultConfig is the configuration that is looked for when none is named.
const defaultConfig = "botengine.yaml"

// cli is one command line: its streams and the flags every command has.
type cli struct {
	in        io.Reader
	out       io.Writer    // results
	err       io.Writer    // talk
	unblocked *logs.Writer // what err is, in a program that must not wait for who reads it; else nil
	env       func(string) (string, bool)

	langFlag string
	color    string
	config   string
	dir      string
	quiet    bool
	verbose  bool
}

func (c *cli) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "botengine",
		Short:         c.say("企业微信机器人规则引擎", "rules that answer for WeCom robots"),
		Long:          c.say("把 YAML 规则放进文件夹，机器人就会按规则回答；保存即生效。", "Drop YAML rules into a folder and the robots answer by them; saving is enough."),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          c.noSuchCommand,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return c.prepare()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetIn(c.in)
	cmd.SetOut(c.out)
	cmd.SetErr(c.err)
	flags := cmd.PersistentFlags()
	flags.StringVar(&c.langFlag, "lang", c.langFlag, c.say("zh | en；不写则看 BOTENGINE_LANG、配置、系统语言", "zh | en; else BOTENGINE_LANG, the configuration, the locale"))
	flags.StringVar(&c.color, "color", "auto", "auto | always | never (NO_COLOR)")
	flags.StringVar(&c.config, "config", defaultConfig, c.say("配置文件", "the configuration file"))
	flags.StringVarP(&c.dir, "directory", "C", "", c.say("先进入这个文件夹", "change to this folder first"))
	flags.BoolP("help", "h", false, c.say("这条命令的说明", "what this command does"))
	flags.BoolVarP(&c.quiet, "quiet", "q", false, c.say("只说错误", "errors only"))
	flags.BoolVarP(&c.verbose, "verbose", "v", false, c.say("多说一点", "say more"))
	cmd.AddCommand(c.runCmd(), c.demoCmd(), c.simCmd(), c.checkCmd(), c.testCmd(), c.explainCmd(), c.replayCmd(), c.benchCmd(), c.ctlCmd(), c.undoCmd(), c.forgetCmd(), c.restoreCmd(), c.healthcheckCmd(), c.errorsCmd(), c.schemaCmd(), c.initCmd(), c.versionCmd(), c.stateCheckCmd())
	cmd.AddCommand(c.platformCmds()...)
	for _, sub := range cmd.Commands() {
		sub.SetFlagErrorFunc(c.flagError)
	}
	cmd.SetFlagErrorFunc(c.flagError)
	return cmd
}

func (c *cli) prepare() error {
	if c.langFlag != "" && c.langFlag != "zh" && c.langFlag != "en" {
		return errors.New(c.say("--lang 只能是 zh 或 en", "--lang is zh or en"))
	}
	if c.color != "auto" && c.color != "always" && c.color != "never" {
		return errors.New(c.say("--color 只能是 auto、always 或 never", "--color is auto, always or never"))
	}
	if c.dir == "" {
		return nil
	}
	if err := os.Chdir(c.dir); err != nil {
		return c.fileError(err)
	}
	return nil
}

// noSuchCommand refuses what is no command, with the closest one.
func (c *cli) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	message := fmt.Sprintf(c.say("没有 %s 这个命令", "there is no command %s"), args[0])
	if near, ok := diag.Suggest(args[0], names); ok {
		message += c.say("，是不是想写 "+near+"？", ", did you mean "+near+"?")
	}
	return errors.New(message)
}

// lang is the language to speak: the flag, BOTENGINE_LANG, then the locale.
func (c *cli) lang() diag.Lang {
	if flag := diag.Lang(c.langFlag); flag == diag.ZH || flag == diag.EN {
		return flag
	}
	for _, name := range []string{"BOTENGINE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		v, _ := c.env(name)
		switch {
		case strings.HasPrefix(v, "zh"):
			return diag.ZH
		case v != "" && v != "C" && v != "POSIX" && !strings.HasPrefix(v, "C."):
			return diag.EN
		}
	}
	return diag.ZH
}

func (c *cli) say(zh, en string) string { return diag.Text{ZH: zh, EN: en}.In(c.lang()) }

// colored reports whether what goes to w may carry colours.
func (c *cli) colored(w io.Writer) bool {
	if _, no := c.env("NO_COLOR"); no || c.color == "never" {
		return false
	}
	if c.color == "always" {
		return true
	}
	return isTerminal(w)
}

// fileError says in words why a file or a folder cannot be used.
func (c *cli) fileError(err error) error {
	bad, ok := errors.AsType[*fs.PathError](err)
	switch {
	case !ok:
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf(c.say("没有 %s 这个文件或文件夹", "there is no file or folder %s"), bad.Path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf(c.say("没有 %s 的权限", "there is no permission for %s"), bad.Path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf(c.say("写不了 %s：磁盘满了", "%s can't be written: the disk is full"), bad.Path)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf(c.say("写不了 %s：这里只能读", "%s can't be written: the file system is read-only"), bad.Path)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf(c.say("%s 是文件夹，不是文件", "%s is a folder, not a file"), bad.Path)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf(c.say("%s 里有一段不是文件夹", "a part of %s is no folder"), bad.Path)
	default:
		return fmt.Errorf(c.say("%s 用不了：%w", "%s can't be used: %w"), bad.Path, bad.Err)
	}
}

// sources reads the files that findings speak of.
func sources(file string) ([]byte, bool) {
	data, err := os.ReadFile(filepath.Clean(file))
	return data, err == nil
}
