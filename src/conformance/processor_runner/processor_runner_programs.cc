// The programs of the suite, in bash with the programs of every Debian (essential packages) and nothing else.
#include "conformance/processor_runner/processor_runner_suite.h"

namespace seshat::conformance {
namespace {

const char* ScriptOf(Behaviour behaviour) {
  switch (behaviour) {
    case Behaviour::kCopy:
      return "mkdir folder && cat -- \"$SESHAT_INPUT\" > copy && cp -- copy folder/copy";
    case Behaviour::kExit:
      return "exit \"$1\"";
    case Behaviour::kSignal:
      return "kill -\"$1\" $$";
    case Behaviour::kTell:
      return "{ printf '%s\\n' \"$@\"; echo \"$SESHAT_INPUT\"; echo \"$SESHAT_OUTPUT\"; pwd; } > told";
    case Behaviour::kListInput:
      return "cd -- \"${SESHAT_INPUT%/*}\" && find . -mindepth 1 -printf '%P\\0' > \"$SESHAT_OUTPUT/names\"";
    case Behaviour::kLog:
      return "head -c \"$1\" /dev/zero | tr '\\0' x; printf 'END\\377'; printf ERR >&2";
    case Behaviour::kHang:
      return "( trap '' TERM; exec 9> lock; flock 9; : > ready; exec tail -f /dev/null ) & "
             "trap '' TERM; while :; do wait; done";
    case Behaviour::kLeaveBehind:
      return "( trap '' TERM; exec 9> lock; flock 9; : > ready; exec tail -f /dev/null ) & "
             "until [ -e ready ]; do :; done; exit 0";
    case Behaviour::kSpoilInput:
      return "echo spoilt >> \"$SESHAT_INPUT\"; chmod 777 \"$SESHAT_INPUT\"; rm -f \"$SESHAT_INPUT\"; "
             "echo other > \"$SESHAT_INPUT\"; exit 0";
    case Behaviour::kRead:
      return "cat -- \"$1\" > read; exit 0";
    case Behaviour::kWrite:
      return "for f in \"$1\" /usr/seshat-suite /seshat-suite; do : > \"$f\" && echo \"$f\" >> written; done; "
             "rm -f /usr/seshat-suite /seshat-suite; exit 0";
    case Behaviour::kConnect:
      return "(exec 3<> /dev/tcp/127.0.0.1/\"$1\") && echo reached > connected; exit 0";
    case Behaviour::kEnvironment:
      return "env > environment";
    case Behaviour::kDescriptors:
      return "for f in /proc/$$/fd/*; do [ -e \"$f\" -o -L \"$f\" ] && echo \"${f##*/}\"; done > descriptors; exit 0";
    case Behaviour::kProcesses:
      return "cat /proc/[0-9]*/cmdline > processes; exit 0";
    case Behaviour::kNamespaces:
      return "unshare -U true && echo new > namespaces; exit 0";
    case Behaviour::kUseMemory:
      // tail keeps a line until it ends, and this one does not.
      return "head -c \"$1\" /dev/zero | tail -n 1 > /dev/null; s=(\"${PIPESTATUS[@]}\"); exit \"${s[1]}\"";
    case Behaviour::kWriteMuch:
      return "head -c \"$1\" /dev/zero > much";
  }
  return "exit 99";
}

}  // namespace

std::vector<std::string> BashProgram(Behaviour behaviour, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/bin/bash", "-c", ScriptOf(behaviour), "suite"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace seshat::conformance
