package state

import (
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
