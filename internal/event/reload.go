package event

import "encoding/json"

// Whole is the name that stands for a channel's whole set instead of one entity.
const Whole = "*"

// Reload says that so much changed in these channels that nodes had better read their sets anew than be
// told of each entity: a timetable was imported, a day of trips was added. Its document is empty, it has
// no version, and a node that misses it heals like any that missed news, by reading the set.
func Reload(channels ...string) Change {
	return Change{Entity: Whole, Docs: map[Projection]json.RawMessage{}, Channels: channels}
}
