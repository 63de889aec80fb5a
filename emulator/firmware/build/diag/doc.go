// Package diag has the findings that reading the files of an application brings:
// what could not be understood, where, and what to do.
package diag
