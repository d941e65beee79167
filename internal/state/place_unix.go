//go:build unix

package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

func isNotFolder(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// fitSystem looks at the folder and what it lies on.
func fitSystem(path, folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("look at the folder of state file %s: %w", path, err)
	}
	bad := PlaceError{Path: path, At: folder}
	for _, at := range []string{folder, filepath.Dir(Real(path))} {
		if bad.What = networkSystem(at); bad.What != "" {
			bad.At, bad.Why = at, UnfitNetwork
			return &bad
		}
	}
	// The folder of everybody is fine where each may only touch his own (the sticky bit).
	if mode := info.Mode(); mode.Perm()&0o002 != 0 && mode&fs.ModeSticky == 0 {
		bad.Why, bad.What = UnfitEverybody, fmt.Sprintf("%04o", mode.Perm())
		return &bad
	}
	err = unix.Faccessat(unix.AT_FDCWD, folder, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
	if bad.Why = unfitByError(err); bad.Why != "" {
		return &bad
	}
	return nil
}

// fitOwner looks whether a file is of the user that wants to use it. Root may use
// anybody's.
func fitOwner(path string, info os.FileInfo, me int) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || me == 0 || int(stat.Uid) == me {
		return nil
	}
	return &PlaceError{Path: path, At: path, Why: UnfitOwner, What: userName(int(stat.Uid))}
}

func userName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
