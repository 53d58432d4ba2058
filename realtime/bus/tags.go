package bus

import (
	"hash/fnv"
	"strconv"
	"sync"
)

// tags is how many hash tags exist. A Redis Cluster places a channel by its tag, so
// subjects of one tag can be subscribed in one command, and 128 spread well over any
// sensible number of shards.
const tags = 128

// tagNames are the shortest numbers of which each falls into another 128th of the
// 16,384 slots.
var tagNames = sync.OnceValue(func() (names [tags]string) {
	for n, found := 0, 0; found < tags; n++ {
		name := strconv.Itoa(n)
		part := int(crc16(name)) % 16384 / (16384 / tags)
		if names[part] == "" {
			names[part] = name
			found++
		}
	}
	return names
})

// channel is the name of a subject in Redis.
func channel(subject string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(subject))
	return "wm:{" + tagNames()[h.Sum32()%tags] + "}:" + subject
}

// subjectOf is the inverse of channel.
func subjectOf(channel string) string {
	for i := range len(channel) - 1 {
		if channel[i] == '}' {
			return channel[i+2:]
		}
	}
	return channel
}

// crc16 is the XMODEM variant that Redis Cluster computes slots with.
func crc16(s string) uint16 {
	var crc uint16
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
