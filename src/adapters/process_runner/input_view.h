// For runs without isolation: a directory of links in which the input and its siblings have their names.
#pragma once

#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "ports/processor_runner.h"

namespace seshat::process_runner {

class InputView {
 public:
  static Result<InputView> Make(const ProcessorRun& run);
  InputView(InputView&& other) noexcept
      : directory_(std::exchange(other.directory_, {})), input_(std::move(other.input_)) {}
  InputView& operator=(InputView&&) = delete;
  ~InputView();  // removes the links

  const std::filesystem::path& input() const { return input_; }

 private:
  InputView() = default;
  std::filesystem::path directory_;
  std::filesystem::path input_;
};

}  // namespace seshat::process_runner
