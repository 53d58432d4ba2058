package bus

import (
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

// channel is the name of a subject in Redis, and its tag.
func channel(subject string) (name string, tag int) {
	h := uint32(2166136261) // FNV-1a, written out: this is asked for every publication
	for i := range len(subject) {
		h = (h ^ uint32(subject[i])) * 16777619
	}
	tag = int(h % tags)
	return prefixes()[tag] + subject, tag
}

var prefixes = sync.OnceValue(func() (p [tags]string) {
	for i, name := range tagNames() {
		p[i] = "wm:{" + name + "}:"
	}
	return p
})

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
