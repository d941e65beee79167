package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"botengine/internal/metrics"
)

// Why the address of the metrics cannot be had is said in the reader's language, with
// what to do.
func TestAnAddressThatMetricsCannotHave(t *testing.T) {
	refused := func(no syscall.Errno) error {
		return &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", no)}
	}
	for _, c := range []struct {
		err    error
		zh, en string
	}{
		{refused(syscall.EADDRINUSE), "换一个端口", "another port"},
		{refused(syscall.EACCES), "1024 以上", "above 1024"},
		{refused(syscall.EADDRNOTAVAIL), "这台机器的地址", "has that address"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			cli := &cli{err: new(bytes.Buffer), langFlag: lang}
			said := cli.startError(errors.Join(&metrics.ListenError{Address: "10.0.0.1:80", Err: c.err})).Error()
			if !strings.Contains(said, want) || !strings.Contains(said, "10.0.0.1:80") || !strings.Contains(said, "metrics.listen") {
				t.Errorf("%s, %v: %q", lang, c.err, said)
			}
		}
	}
}
