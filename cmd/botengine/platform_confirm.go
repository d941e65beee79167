package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// confirmFlags say whether a dangerous command asks.
type confirmFlags struct {
	yes     bool
	noInput bool
}

func (f *confirmFlags) add(c *cli, cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.yes, "yes", false, c.say("不再询问", "don't ask"))
	cmd.Flags().BoolVar(&f.noInput, "no-input", false, c.say("从不询问：没有 --yes 就拒绝", "never ask: refuse without --yes"))
}

// confirm asks before something that cannot be taken back. Without a terminal and
// without --yes it refuses.
func (c *cli) confirm(ctx context.Context, f confirmFlags, what string) error {
	if f.yes {
		return nil
	}
	refusal := fmt.Errorf(c.say("没有终端可以确认：要%s，请加 --yes", "there is no terminal to ask on: to %s, add --yes"), what)
	if f.noInput || !isInteractive(c.in) {
		return refusal
	}
	fmt.Fprintf(c.err, c.say("将要%s。继续吗？[y/N] ", "About to %s. Go on? [y/N] "), what)
	answer, err := readLine(ctx, c.in)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(c.err)
		return errors.New(c.say("已中断，没有执行", "interrupted, nothing was done"))
	}
	if err != nil && answer == "" {
		fmt.Fprintln(c.err)
		return refusal
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "是", "好":
		return nil
	default:
		return errors.New(c.say("没有执行", "nothing was done"))
	}
}

// readLine reads a line, or ends with ctx: Ctrl-C at a question is an answer, too.
// Reading a terminal can't be interrupted, so that read then ends with the process.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	lines := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(r).ReadString('\n')
		lines <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case l := <-lines:
		return l.text, l.err
	}
}

// isInteractive reports whether somebody can answer: a terminal, and not the
// device that answers nothing.
func isInteractive(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok || !isTerminal(f) {
		return false
	}
	info, err := f.Stat()
	null, nullErr := os.Stat(os.DevNull)
	return err == nil && (nullErr != nil || !os.SameFile(info, null))
}
