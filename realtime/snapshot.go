package realtime

import (
	"slices"
	"strconv"
	"strings"
)

// snapshot is which transactions a set that was read could see. The zero snapshot sees none.
type snapshot struct {
	xmin, xmax uint64
	running    []uint64
}

// parseSnapshot reads PostgreSQL's form, "xmin:xmax:xip,xip". What cannot be read sees
// nothing, which is the careful answer.
func parseSnapshot(s string) snapshot {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return snapshot{}
	}
	xmin, err1 := strconv.ParseUint(parts[0], 10, 64)
	xmax, err2 := strconv.ParseUint(parts[1], 10, 64)
	if err1 != nil || err2 != nil {
		return snapshot{}
	}
	out := snapshot{xmin: xmin, xmax: xmax}
	if parts[2] == "" {
		return out
	}
	for _, x := range strings.Split(parts[2], ",") {
		n, err := strconv.ParseUint(x, 10, 64)
		if err != nil {
			return snapshot{}
		}
		out.running = append(out.running, n)
	}
	return out
}

// sees says that a transaction had ended when the snapshot was taken. Of a transaction
// that is not known (0) it never says so.
func (s snapshot) sees(xid uint64) bool {
	if xid == 0 || xid >= s.xmax {
		return false
	}
	return xid < s.xmin || !slices.Contains(s.running, xid)
}
