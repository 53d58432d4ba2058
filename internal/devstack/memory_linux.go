package devstack

import "syscall"

// memory is the file system in memory that Linux has for programs to share, if there is room for a test's databases.
func memory() []string {
	const dir, room = "/dev/shm", 2 << 30
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil || st.Bavail*uint64(st.Bsize) < room {
		return nil
	}
	return []string{dir}
}
