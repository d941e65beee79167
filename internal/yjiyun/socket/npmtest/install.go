package npmtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the files npm is told to install
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

//go:embed testdata/npm/package.json
var manifest []byte

//go:embed testdata/npm/package-lock.json
var lock []byte

const installTimeout = 5 * time.Minute

// installed returns the folder with the servers' packages, or the reason why
// there is none. It does its work once per process.
var installed = sync.OnceValues(install)

// require returns the folder with the servers' packages, or skips or fails t.
func require(t *testing.T) string {
	t.Helper()
	dir, err := installed()
	switch {
	case err == nil:
		return dir
	case os.Getenv("CI") != "":
		t.Fatalf("npm servers are needed where CI is set: %v", err)
	default:
		t.Skipf("skipped, needs node and npm: %v", err)
	}
	panic("unreachable")
}

// install puts the packages into the cache, unless they are there. The folder
// appears whole or not at all, whoever else does the same at the same time.
func install() (string, error) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("look for %s: %w", tool, err)
		}
	}
	cache, dir, err := cacheFolder()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return "", fmt.Errorf("create cache: %w", err)
	}
	fresh, err := os.MkdirTemp(cache, "installing-")
	if err != nil {
		return "", fmt.Errorf("create folder for packages: %w", err)
	}
	defer func() { _ = os.RemoveAll(fresh) }() // gone already, if all went well
	if err := fetch(fresh); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("put packages into the cache: %w", err)
	}
	return dir, nil
}

// cacheFolder names a folder after what belongs into it.
func cacheFolder() (cache, dir string, err error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", "", fmt.Errorf("find cache: %w", err)
	}
	cache = filepath.Join(user, "botengine")
	return cache, filepath.Join(cache, fmt.Sprintf("npm-%x", sha256.Sum256(lock))), nil
}

func fetch(dir string) error {
	for name, text := range map[string][]byte{"package.json": manifest, "package-lock.json": lock} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	npm.WaitDelay = time.Second
	var said bytes.Buffer
	npm.Stdout, npm.Stderr = &said, &said
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
