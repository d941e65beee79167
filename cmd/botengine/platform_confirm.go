package main

import (
	"bufio"
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
func (c *cli) confirm(f confirmFlags, what string) error {
	if f.yes {
		return nil
	}
	refusal := fmt.Errorf(c.say("没有终端可以确认：要%s，请加 --yes", "there is no terminal to ask on: to %s, add --yes"), what)
	if f.noInput || !isInteractive(c.in) {
		return refusal
	}
	fmt.Fprintf(c.err, c.say("将要%s。继续吗？[y/N] ", "About to %s. Go on? [y/N] "), what)
	answer, err := readLine(c.in)
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

func readLine(r io.Reader) (string, error) { return bufio.NewReader(r).ReadString('\n') }

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
