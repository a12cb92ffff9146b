#include "adapters/process_runner/input_view.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "platform/posix/posix_error.h"

namespace seshat::process_runner {

namespace fs = std::filesystem;

Result<InputView> InputView::Make(const ProcessorRun& run) {
  std::string directory = (fs::temp_directory_path() / "seshat-in-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr)
    return std::unexpected(posix::PosixError(errno, "making a temporary directory"));
  InputView view;
  view.directory_ = directory;
  view.input_ = view.directory_ / run.input_name;
  std::error_code error;
  fs::create_symlink(run.input, view.input_, error);
  for (const ProcessorSibling& sibling : run.siblings)
    if (!error) fs::create_symlink(sibling.path, view.directory_ / sibling.name, error);
  if (error) return std::unexpected(posix::PosixError(error.value(), "showing the input under its name"));
  return view;
}

InputView::~InputView() {
  std::error_code ignored;  // links in the temporary directory harm nobody
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

}  // namespace seshat::process_runner
