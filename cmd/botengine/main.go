// Command botengine automates WeCom (企业微信) robots with rules in YAML files:
// it turns flags into a run of the engine or a one-shot command, and errors into
// exit codes.
package main

//go:generate go test -run Generated -count=1 . -update

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// The exit codes. Scripts rely on them.
const (
	exitOK       = 0
	exitFindings = 1 // problems found: check errors, failed tests
	exitUsage    = 2 // wrong use, or files and networks that do not play along
	exitWarnings = 3 // only warnings, under --strict

	exitUnreachable = 4 // the running engine cannot be reached, or is unhealthy
)

// exitError ends the program with a code; what there was to say is said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

func main() { os.Exit(realMain()) }

func realMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends the program at once
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// langOf finds --lang before the flags are parsed: the help is made before that.
func langOf(args []string) string {
	for i, arg := range args {
		if lang, ok := strings.CutPrefix(arg, "--lang="); ok {
			return lang
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &cli{in: stdin, out: stdout, err: stderr, env: os.LookupEnv, langFlag: langOf(args)}
	defer c.flush()
	cmd := c.root()
	cmd.SetArgs(args)
	c.speakHelp(cmd, args)
	err := cmd.ExecuteContext(ctx)
	var code exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	default:
		fmt.Fprintln(c.err, c.say("错误：", "error: ")+c.fileError(err).Error())
		return exitUsage
	}
}
