package state

import "golang.org/x/sys/unix"

// networkSystems are file systems on which another machine can have the file open
// without our lock being seen, or on which what is read from memory is not always what
// was written: by their number in statfs(2).
var networkSystems = map[int64]string{
	unix.NFS_SUPER_MAGIC:  "nfs",
	unix.SMB_SUPER_MAGIC:  "smb",
	unix.CIFS_SUPER_MAGIC: "cifs",
	unix.SMB2_SUPER_MAGIC: "smb2",
	unix.AFS_SUPER_MAGIC:  "afs",
	unix.AFS_FS_MAGIC:     "afs",
	unix.CODA_SUPER_MAGIC: "coda",
	unix.CEPH_SUPER_MAGIC: "ceph",
	unix.V9FS_MAGIC:       "9p",
	0x564C:                "ncp",
	0x0BD00BD0:            "lustre",
	0x19830326:            "beegfs",
	0x47504653:            "gpfs",
}

// networkSystem names the network file system that a folder lies on; "" = none.
func networkSystem(folder string) string {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return "" // who cannot say what it is gets no blame for it
	}
	return networkSystems[int64(s.Type)&0xFFFFFFFF] //nolint:unconvert // it is narrower elsewhere
}
