package main

import (
	"context"
	"errors"
	"io"
	"testing"
)

// Ctrl-C at a question ends it; nobody has to press Enter after it.
func TestQuestionEndsWithItsContext(t *testing.T) {
	terminal, keys := io.Pipe()
	defer keys.Close() // lets the read that nobody waits for end
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if answer, err := readLine(ctx, terminal); !errors.Is(err, context.Canceled) || answer != "" {
		t.Errorf("readLine = %q, %v; want nothing and %v", answer, err, context.Canceled)
	}
}

func TestQuestionTakesALine(t *testing.T) {
	terminal, keys := io.Pipe()
	go func() {
		_, err := io.WriteString(keys, "是\n")
		keys.CloseWithError(err)
	}()
	if answer, err := readLine(t.Context(), terminal); err != nil || answer != "是\n" {
		t.Errorf("readLine = %q, %v", answer, err)
	}
}
