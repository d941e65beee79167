package actions

import "botengine/internal/diag"

type logParams struct {
	Text Text `yaml:"text" zh:"要记录的话" en:"what to write" required:"true"`
}

var logLine = define(spec[logParams]{
	Name:    "log",
	Summary: diag.T("在引擎的日志里写一行。", "Writes a line to the engine's log."),
	Example: `log: "退款 {{sender.id}}"`,
	Main:    "text",
	Check:   func(p *logParams) []fault { return checkText("text", p.Text) },
	Plan: func(env Env, p *logParams) (Effect, error) {
		text, err := renderText(env, "text", p.Text)
		return Effect{Log: text, LogPlain: p.Text.IsLiteral()}, err
	},
})
