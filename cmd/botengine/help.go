package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"botengine/internal/diag"
)

// helpWords are what the library's help says in English.
var helpWords = strings.NewReplacer(
	"Usage:", "用法：",
	"Aliases:", "别名：",
	"Examples:", "例子：",
	"Available Commands:", "命令：",
	"Additional Commands:", "其他命令：",
	"Global Flags:", "公共选项：",
	"Flags:", "选项：",
	"Additional help topics:", "其他说明：",
	`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
	`每条命令的说明：{{.CommandPath}} [command] --help`,
)

// speakHelp makes the library's own help and commands speak the language of the
// person.
func (c *cli) speakHelp(root *cobra.Command, args []string) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.RunE = func(_ *cobra.Command, about []string) error { return c.helpAbout(root, about) }
	}
	if c.lang() != diag.ZH {
		return
	}
	root.SetUsageTemplate(helpWords.Replace(root.UsageTemplate()))
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Short, cmd.Long = "命令的说明", "命令的说明：botengine help [命令]"
		case "completion":
			cmd.Short = "命令行补全脚本"
			cmd.Long = "生成命令行补全脚本，让 shell 能补全 botengine 的命令和选项。"
			speakCompletion(cmd)
		}
	}
}

// helpAbout shows the help of a command, and refuses what is none.
func (c *cli) helpAbout(root *cobra.Command, about []string) error {
	cmd, rest, err := root.Find(about)
	if err != nil {
		return err
	}
	if len(rest) > 0 && cmd.HasSubCommands() {
		return c.noSuchCommand(cmd, rest)
	}
	cmd.InitDefaultHelpFlag()
	return cmd.Help()
}

// completionSetup says for each shell how its script takes effect.
var completionSetup = map[string]string{
	"bash":       "source <(botengine completion bash)",
	"zsh":        "source <(botengine completion zsh)",
	"fish":       "botengine completion fish | source",
	"powershell": "botengine completion powershell | Out-String | Invoke-Expression",
}

func speakCompletion(cmd *cobra.Command) {
	for _, shell := range cmd.Commands() {
		shell.Short = shell.Name() + " 的补全脚本"
		shell.Long = fmt.Sprintf("生成 %s 的补全脚本。在当前终端里马上生效：\n\n  %s\n\n要一直生效，把这一行写进 %[1]s 的启动文件。", shell.Name(), completionSetup[shell.Name()])
		if f := shell.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = "补全时不显示说明"
		}
	}
}

// flagError says in words what is wrong with a flag, with the closest one.
func (c *cli) flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return c.unknownFlag(cmd, e)
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf(c.say("--%s 后面要写一个值", "--%s needs a value"), e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return c.badValue(e)
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return fmt.Errorf(c.say("选项写法不对：%s", "bad flag syntax: %s"), e.GetSpecifiedFlag())
	}
	return err
}

func (c *cli) unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	if short := e.GetSpecifiedShortnames(); short != "" {
		return fmt.Errorf(c.say("没有 -%s 这个选项；%s --help 列出全部", "there is no flag -%s; %s --help lists all"), e.GetSpecifiedName(), cmd.CommandPath())
	}
	near, ok := diag.Suggest(e.GetSpecifiedName(), flagNames(cmd))
	if !ok {
		return fmt.Errorf(c.say("没有 --%s 这个选项；%s --help 列出全部", "there is no flag --%s; %s --help lists all"), e.GetSpecifiedName(), cmd.CommandPath())
	}
	return fmt.Errorf(c.say("没有 --%s 这个选项，是不是想写 --%s？", "there is no flag --%s, did you mean --%s?"), e.GetSpecifiedName(), near)
}

// badValue says what kind of value a flag takes.
func (c *cli) badValue(e *pflag.InvalidValueError) error {
	kind := c.say("别的写法", "another spelling")
	switch e.GetFlag().Value.Type() {
	case "int":
		kind = c.say("整数", "a whole number")
	case "float64":
		kind = c.say("数字", "a number")
	case "bool":
		kind = c.say("true 或 false", "true or false")
	case "duration":
		kind = c.say("时长，例如 20s", "a duration such as 20s")
	}
	return fmt.Errorf(c.say("--%s 不能写 %q：要写%s", "--%s can't be %q: it takes %s"), e.GetFlag().Name, e.GetValue(), kind)
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}
