// Package kconfig reads the options of an application: Kconfig files, in the
// language of Linux's kernel as Zephyr uses it, and the .conf files that set
// them. It computes what each option comes to, as Zephyr's build does, and
// writes autoconf.h.
package kconfig
