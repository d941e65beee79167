package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/diag"
	"botengine/internal/scaffold"
)

func (c *cli) initCmd() *cobra.Command {
	template := scaffold.Templates()[0]
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: c.say("新建一个项目：配置、一条能用的规则和它的测试、编辑器设置", "a new project: configuration, a rule that works with its test, editor settings"),
		Long: c.say(
			"在文件夹里新建项目（不写就是当前文件夹）：botengine.yaml、rules/、schema/、.vscode/、.gitignore、.env.example、compose.yaml 和 systemd 单元。\n已经有的文件一个也不动：有冲突就什么都不写。",
			"Begins a project in the folder (this one if not said): botengine.yaml, rules/, schema/, .vscode/, .gitignore, .env.example, compose.yaml and a systemd unit.\nNothing that is there is touched: if anything is in the way, nothing is written."),
		Args: c.atMostOneArg,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return c.newProject(dir, template)
		},
	}
	names := strings.Join(scaffold.Templates(), " | ")
	cmd.Flags().StringVar(&template, "template", template, c.say("从哪种规则开始：", "the rule to begin with: ")+names)
	return cmd
}

func (c *cli) newProject(dir, template string) error {
	if !slices.Contains(scaffold.Templates(), template) {
		return c.noSuchTemplate(template)
	}
	var schemas scaffold.Schemas
	for kind, into := range map[string]*[]byte{"rules": &schemas.Rules, "config": &schemas.Config, "test": &schemas.Test} {
		text, _, err := schemaText(kind, c.lang())
		if err != nil {
			return err
		}
		*into = text
	}
	files, err := scaffold.Files(template, c.lang(), schemas)
	if err != nil {
		return err
	}
	if err := scaffold.Write(dir, files); err != nil {
		return c.projectError(dir, err)
	}
	if c.quiet {
		return nil
	}
	c.tellProject(dir, template)
	return nil
}

// tellProject says what is there now, and what to do next.
func (c *cli) tellProject(dir, template string) {
	rule := "rules/" + template
	for _, line := range []struct{ what, zh, en string }{
		{"botengine.yaml", "配置：账号、规则在哪里、状态放在哪里", "accounts, where the rules are, where the state is kept"},
		{rule + ".yaml", "规则：改完保存就生效", "the rule: saving is enough"},
		{rule + "_test.yaml", "它的测试", "its tests"},
		{".vscode/", "编辑器：补全、说明、边写边查错", "the editor: completion, explanations, mistakes while you type"},
		{".env.example", "密钥填在哪里", "where the keys go"},
		{"compose.yaml", "用容器运行", "to run it in a container"},
		{"botengine.service", "用 systemd 运行", "to run it by systemd"},
	} {
		fmt.Fprintf(c.out, "  %-27s %s\n", line.what, c.say(line.zh, line.en))
	}
	c.tellNext(dir)
}

func (c *cli) tellNext(dir string) {
	fmt.Fprintln(c.out, c.say("\n接下来：", "\nNext:"))
	if dir != "." {
		fmt.Fprintf(c.out, "  cd %s\n", filepath.ToSlash(dir))
	}
	for _, line := range []struct{ command, zh, en string }{
		{"botengine check", "有没有问题", "is anything wrong?"},
		{"botengine test", "规则做的是不是想要的", "does every rule do what it should?"},
		{"botengine sim --rules rules", "先和模拟平台聊几句，不需要账号", "talk with the simulated platform, without an account"},
		{"botengine run", "填好 .env 以后，接上真实的机器人", "with .env filled in: the real robots"},
	} {
		fmt.Fprintf(c.out, "  %-28s # %s\n", line.command, c.say(line.zh, line.en))
	}
}

func (c *cli) noSuchTemplate(name string) error {
	message := fmt.Sprintf(c.say("没有模板 %s：可以用 %s", "there is no template %s: there are %s"), name, strings.Join(scaffold.Templates(), ", "))
	if near, ok := diag.Suggest(name, scaffold.Templates()); ok {
		message += c.say("，是不是想写 "+near+"？", "; did you mean "+near+"?")
	}
	return errors.New(message)
}

// projectError says why nothing was written.
func (c *cli) projectError(dir string, err error) error {
	const nothing = "什么都没有写"
	if there, ok := errors.AsType[*scaffold.ExistsError](err); ok {
		return fmt.Errorf(c.say("%s 里已经有 %s："+nothing+"。换一个文件夹，或先移走它们", "%s has %s already: nothing was written. Take another folder, or move them away first"),
			dir, strings.Join(there.Paths, c.say("、", ", ")))
	}
	if bad, ok := errors.AsType[*scaffold.NameError](err); ok {
		return fmt.Errorf(c.say("文件夹的名字 %q 不是 UTF-8，编辑器和容器都打不开："+nothing, "the folder's name %q is not UTF-8, which neither editors nor containers open: nothing was written"), bad.Name)
	}
	if bad, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf(c.say("没有权限在这里写 %s："+nothing, "there is no permission to write %s: nothing was written"), bad.Path)
	}
	if errors.Is(err, scaffold.ErrNotAFolder) {
		return fmt.Errorf(c.say("%s 是文件，不是文件夹："+nothing, "%s is a file, no folder: nothing was written"), dir)
	}
	return c.fileError(err)
}
