package state

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A network file system cannot be mounted in a test: that one is known is.
func TestFault63NetworkFileSystemsAreKnown(t *testing.T) {
	for number, name := range map[int64]string{
		unix.NFS_SUPER_MAGIC: "nfs", unix.CIFS_SUPER_MAGIC: "cifs", unix.SMB2_SUPER_MAGIC: "smb2", unix.CEPH_SUPER_MAGIC: "ceph",
		unix.EXT4_SUPER_MAGIC: "", unix.XFS_SUPER_MAGIC: "", unix.BTRFS_SUPER_MAGIC: "", unix.TMPFS_MAGIC: "", unix.OVERLAYFS_SUPER_MAGIC: "",
	} {
		if got := networkSystems[number&0xFFFFFFFF]; got != name {
			t.Errorf("system %#x is %q, want %q", number, got, name)
		}
	}
	if name := networkSystem("/proc"); name != "" {
		t.Errorf("/proc is taken for %s", name)
	}
}

func TestFault63AFileOfAnotherUserIsRefused(t *testing.T) {
	info := ownedBy{owner: 4294}
	for me, fits := range map[int]bool{4294: true, 0: true, 1000: false} {
		err := fitOwner("state.db", info, me)
		if bad, ok := errors.AsType[*PlaceError](err); fits && err != nil || !fits && (!ok || bad.Why != UnfitOwner || bad.What != "4294") {
			t.Errorf("to user %d it says %v", me, err)
		}
	}
}

// ownedBy is a file of somebody.
type ownedBy struct {
	os.FileInfo
	owner uint32
}

func (f ownedBy) Sys() any { return &syscall.Stat_t{Uid: f.owner} }
