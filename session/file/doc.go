// Package file keeps what people hand each other in a session: a photograph, a contract.
//
//	Put ──► counted, hashed, sniffed ──► TENANT/ab/cdef… (by its SHA-256, once)     Link ──► token ──► Follow ──► Open
//
// # Who owns which truth
//
// A session's rows own who shared which file, under which name, and who may see it. This owns the bytes. A file is named by what is
// in it, within its tenant: the same file twice is kept once, and no tenant can ask whether another has it.
//
// # What is taken
//
// 25 MiB at most, of the kinds in Kinds. The kind is read from the bytes; what the sender calls it does not count. It is served as that
// kind with nosniff, as an attachment, never inline on our origin: a picture that is a page as well stays a picture.
//
// # Links
//
// A link is for whoever has it, until its time: a token signed with the installation's secret, over tenant, file, name and
// time. It is made for somebody who may see the file, minutes long, and not kept.
//
// # What happens on failure
//
// A file is there when Put has returned: written aside, synced, then renamed. What was cut off stays aside and is
// swept after a day (Sweep). A directory must be shared by all nodes.
package file
