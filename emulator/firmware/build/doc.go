// Package build makes a program for the host of a firmware application for an
// nRF91 as it is: its prj.conf, Kconfig, CMakeLists.txt and sources, together with the
// host SDK.
//
// [Load] reads the application; [Project.Build] compiles it with the C compiler of the
// host. What is not understood is in [Project.Findings]: an error where it would
// change the program, a note where it makes no difference.
package build
