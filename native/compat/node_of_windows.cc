// On Windows the functions of Node-API are in the program that loads the addon, whatever it is called:
// node.exe may be renamed, or be a part of another program. So they are bound at the first call, and when the
// loader asks for 'node.exe' this answers with the program, or with its node.dll where it keeps Node there.
// clang-format off: the second builds on the first
#include <windows.h>
#include <delayimp.h>
// clang-format on

#include <cstring>

namespace {

FARPROC WINAPI find_node(unsigned event, PDelayLoadInfo load) {
  if (event != dliNotePreLoadLibrary || _stricmp(load->szDll, "node.exe") != 0) return nullptr;
  const HMODULE library = GetModuleHandleA("node.dll");
  return reinterpret_cast<FARPROC>(library ? library : GetModuleHandleA(nullptr));
}

}  // namespace

// Where the loader looks for it.
PfnDliHook __pfnDliNotifyHook2 = find_node;
