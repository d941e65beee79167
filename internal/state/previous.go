package state

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// errNoPrevious says that a file does not have the commit before its newest one.
var errNoPrevious = errors.New("the commit before the newest one is not there")

// WritePrevious makes a file at to that holds what the state file at from held before
// its newest commit: a file always has the pages of both. All of them are checked
// first; where they are not sound, or not there, nothing is written.
func WritePrevious(from, to string) error {
	file, err := os.Open(from) //nolint:gosec // the state file
	if err != nil {
		return err
	}
	defer file.Close()
	metas, _, err := metaPages(file)
	if err != nil {
		return err
	}
	if len(metas) < 2 {
		return errNoPrevious
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err := checkPages(file, info.Size(), metas[1], true); err != nil {
		return fmt.Errorf("the commit before the newest one: %w", err)
	}
	newest := int64(metas[0].number) * metas[0].pageSize
	return WriteFile(to, func(w io.Writer) error {
		const gone = pageHeader + metaSize
		_, err := io.Copy(w, io.MultiReader(
			io.NewSectionReader(file, 0, newest),
			io.LimitReader(zeroReader{}, gone),
			io.NewSectionReader(file, newest+gone, info.Size()-newest-gone),
		))
		return err
	})
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
