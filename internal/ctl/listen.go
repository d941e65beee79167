package ctl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// InUseError says that a living engine answers at the socket already.
type InUseError struct{ Path string }

// Error names the socket.
func (e *InUseError) Error() string {
	return "another engine answers at " + e.Path
}

// Listen makes the socket at path, whose folder must be there, for the owner only:
// there is no moment at which others could use it. The socket of a process that is
// dead is replaced; it returns *InUseError when the process lives, and leaves alone
// what is no socket. Closing the listener removes the socket, if it is still its own.
// The path may be longer than a socket address.
func Listen(path string) (net.Listener, error) {
	dir, err := openFolder(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	defer dir.close()
	unlock, err := dir.lock() // two engines that start at the same time come one after the other
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	defer unlock()
	if err := free(dir, path); err != nil {
		return nil, err
	}
	l, err := bind(dir, path)
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	return l, nil
}

// free sees to it that there is nothing at path but, perhaps, a dead socket.
func free(dir *folder, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("control socket: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("control socket %s: there is something that is no socket", path)
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialFor)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", dir.short(filepath.Base(path)))
	if err == nil {
		_ = conn.Close() // it only was to see whether somebody answers
		return &InUseError{Path: path}
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("control socket %s: %w", path, err)
}

// bind makes the socket in a private folder, narrows its mode and moves it to where
// it belongs: it is complete when it can be seen there.
func bind(dir *folder, path string) (net.Listener, error) {
	dir.sweep()
	private, err := os.MkdirTemp(dir.path, privatePrefix)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(private) }() // empty by then, and nothing depends on it
	made := filepath.Join(private, Name)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dir.short(filepath.Join(filepath.Base(private), Name)), Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	own := &listener{Listener: l, path: path}
	if err = os.Chmod(made, 0o600); err == nil {
		own.made, err = os.Lstat(made)
	}
	if err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return own, nil
}

// listener removes its socket when it is closed.
type listener struct {
	net.Listener
	path string
	made fs.FileInfo // the socket as it was made
	once sync.Once
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.made) {
			_ = os.Remove(l.path) // a dead socket is replaced by the next engine
		}
	})
	return l.Listener.Close()
}

// dialSocket connects to the socket at path, however long that is.
func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	if _, err := os.Lstat(path); err != nil {
		return nil, err
	}
	dir, err := openFolder(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.close()
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	return new(net.Dialer).DialContext(ctx, "unix", dir.short(filepath.Base(path)))
}
