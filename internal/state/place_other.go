//go:build !unix

package state

import "os"

func isNotFolder(error) bool { return false }

func isReadOnly(error) bool { return false }

func fitSystem(_, _ string) error { return nil }

func fitOwner(string, os.FileInfo, int) error { return nil }
