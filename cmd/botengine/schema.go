package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/schema"
)

// schemas are the kinds of file that editors can be told about.
var schemas = []struct {
	name string
	make func() *schema.Node
}{
	{"rules", rulesSchema},
	{"config", config.Schema},
	{"test", ruletest.Schema},
}

// rulesSchema is that of rule files.
func rulesSchema() *schema.Node {
	return rule.Schema([]schema.Prop{ruletest.TestsKey()}, ruletest.Definitions())
}

func (c *cli) schemaCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:       "schema [rules|config|test]",
		Short:     c.say("给编辑器用的 JSON Schema：规则（默认）、配置或测试", "the JSON Schema for editors: of rules (if not said), the configuration or tests"),
		Args:      c.atMostOneArg,
		ValidArgs: []string{"rules", "config", "test"},
		RunE: func(_ *cobra.Command, args []string) error {
			kind := "rules"
			if len(args) > 0 {
				kind = args[0]
			}
			return c.writeSchema(kind, file)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "", c.say("写到这个文件，不写到标准输出", "write to this file rather than to the standard output"))
	return cmd
}

func (c *cli) writeSchema(kind, file string) error {
	text, ok, err := schemaText(kind, c.lang())
	switch {
	case err != nil:
		return err
	case !ok:
		return c.noSuchSchema(kind)
	case file == "":
		_, err = c.out.Write(text)
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // it is for everybody's editor
		return c.fileError(err)
	}
	return nil
}

// schemaText is the schema of that kind of file.
func schemaText(kind string, lang diag.Lang) (text []byte, ok bool, err error) {
	for _, s := range schemas {
		if s.name == kind {
			text, err = s.make().JSON(lang)
			return text, true, err
		}
	}
	return nil, false, nil
}

func (c *cli) noSuchSchema(kind string) error {
	var names []string
	for _, s := range schemas {
		names = append(names, s.name)
	}
	message := c.say("没有 "+kind+" 的 schema：写 rules、config 或 test", "there is no schema of "+kind+": write rules, config or test")
	if near, ok := diag.Suggest(kind, names); ok {
		message += c.say("，是不是想写 "+near+"？", "; did you mean "+near+"?")
	}
	return errors.New(message)
}
