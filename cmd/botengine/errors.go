package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"botengine/internal/diag"
)

func (c *cli) errorsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "errors [CODE]",
		Short: c.say("错误代码的含义，附错误与正确的写法", "what a finding's code means, with a wrong and a right example"),
		Args:  c.atMostOneArg,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.listCodes()
			}
			return c.explainCode(args[0])
		},
	}
}

func (c *cli) listCodes() error {
	for _, info := range diag.Codes() {
		if _, err := fmt.Fprintf(c.out, "%s  %s\n", info.Code, info.Title.In(c.lang())); err != nil {
			return err
		}
	}
	return nil
}

func (c *cli) explainCode(code string) error {
	info, ok := diag.Lookup(code)
	if !ok {
		return errors.New(c.say("没有这个代码："+code+"；`botengine errors` 列出全部", "no such code: "+code+"; `botengine errors` lists all"))
	}
	_, err := io.WriteString(c.out, info.Explanation(c.lang()))
	return err
}
