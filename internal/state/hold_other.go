//go:build !unix

package state

import (
	"fmt"
	"os"
	"time"
)

// holdFile opens the file at path to read it. This system keeps others from it only
// while it is written.
func holdFile(path string, _ time.Duration) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open state file: %w", err)
	}
	return file, nil
}

func again(file *os.File) (*os.File, error) { return os.Open(file.Name()) }
