// Package dialects is the table of applications: each is the facts of its lines and
// a list of services with their releases. A new release of an application is one
// entry here, and a release of each service that has changed with it. What they have
// that this program does not: fact serial-modem/not-built.
package dialects
