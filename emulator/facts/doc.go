// Package facts holds what is known about the real thing, an nRF91 modem and
// Nordic's applications in front of it, as named facts with their sources. Code
// and test vectors cite a fact by its name, as "fact cmng/list-layout", and what
// is known about it stands in one place.
//
// The facts are Markdown files beside this one, a file for each subject. A fact is
// a heading with its name, a line of marks and sources, and a statement:
//
//	### cmng/list-layout
//	seen: sdk-nrf tests/lib/modem_key_mgmt. documented: nRF9160 AT guide, %CMNG (the filters).
//	One line for each entry, no blank after a comma, the digest in quotes.
//
// The name is the file's name, a slash and words; it never changes, since others
// cite it. The marks say how far a fact can be trusted:
//
//	documented   a guide, header or documentation page says so
//	seen         a transcript, a trace, a test vector or public source shows it
//	inferred     a conclusion from these; nobody says it
//	chosen       the sources are silent or disagree; one way was taken
//	deviation    chosen although hardware does otherwise or may do; the text says
//	             how and why
//
// A fact may have several marks, each with its sources, on the one line. The facts
// with the mark deviation are the list of known deviations.
//
// To add a fact, write it into the file of its subject, or into a new file, and
// cite it where the code rests on it. The tests refuse a fact that is malformed and
// a citation that leads nowhere. Sources are public: a document, a repository and
// file, a thread number. The statement is in our own words and as short as
// possible.
package facts
