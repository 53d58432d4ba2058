package gtfs

// Bounds on what a feed may make us do. They are far above any feed of a real city, country feeds
// included, and far below what would hurt a server that imports for one tenant while it serves others.
const (
	// MaxArchiveBytes bounds the zip itself: the largest national feeds are about 250 MB.
	MaxArchiveBytes = 512 << 20
	// maxDirectoryBytes bounds the zip's directory, which must be read before anything is known of it: a
	// feed has some twenty files, so 1 MiB is already a thousand times too much.
	maxDirectoryBytes = 1 << 20
	// maxEntries bounds the files in an archive; the standard names about thirty.
	maxEntries = 1000
	// maxFileBytes and maxFeedBytes bound what is read after decompression, counted while reading: a zip
	// bomb lies about its sizes. National stop_times.txt files reach 1 GB.
	maxFileBytes = 2 << 30
	maxFeedBytes = 3 << 30
	// maxRatio bounds how far one file may inflate once it is beyond ratioFreeBytes. Timetables compress
	// 5 to 40 times; deflate can do 1,032.
	maxRatio       = 200
	ratioFreeBytes = 32 << 20
	// maxRecordBytes bounds one row. The longest honest rows are texts of some kilobytes; without it a
	// file without line ends would be held in memory whole.
	maxRecordBytes = 1 << 20
	// maxColumns bounds a header; the widest standard file has 20 columns.
	maxColumns = 256
	// maxIDBytes bounds identifiers, which become keys of database indexes (a B-tree entry ends at 2,704).
	maxIDBytes = 512
	// maxTextBytes bounds names and descriptions; they are shown to people.
	maxTextBytes = 8 << 10
	// maxRows bounds every file but the two large ones.
	maxRows = 2_000_000
	// maxStopTimes and maxShapePoints are held in memory at 28 and 20 bytes a row while reading.
	maxStopTimes   = 10_000_000
	maxShapePoints = 10_000_000
	// maxStopsPerTrip bounds a pattern: seats are sold per leg and every leg is a number in the trip's row
	// and documents. The longest real lines have about 150 stops.
	maxStopsPerTrip = 500
	// maxDeparturesPerDay bounds what frequencies may expand to: headways of one second would turn a small
	// file into hundreds of millions of trips. A megacity of minibuses has about 100,000 a day.
	maxDeparturesPerDay = 500_000
	// maxHour bounds times of day. Trips past midnight are common, past the second night unheard of, and
	// long-distance ferries and coaches take up to a week.
	maxHour = 240
	// maxCalendarDays bounds one service's validity; "until 9999" would overflow nothing but means nothing.
	maxCalendarDays = 366 * 100
	// maxNoticesKept bounds the notices kept of each name; the rest are counted.
	maxNoticesKept = 50
	// maxValueShown clips a rejected value in a notice.
	maxValueShown = 80
)
