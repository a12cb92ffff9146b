// The built command, run as a user runs it, and one small lab for all tests of an executable.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/run_program.h"
#include "support/temp_dir.h"

namespace seshat::cli {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::RunningProgram;
using testing::TempDir;
using testing::Variables;
using Words = std::vector<std::string>;

inline const fs::path kSource = SESHAT_SOURCE_DIR;
inline constexpr const char* kSession = "2026-03-02-bench-1-001";

// No more than a home, a path and a time zone.
Variables EnvironmentOf(const fs::path& home);
ProgramResult Seshat(const fs::path& home, const Words& words, Variables more = {});
boost::json::object Json(const ProgramResult& result);
std::string Text(const boost::json::value& value);

// Two simulated benches, stored, processed and searchable; made when the first test asks for them.
class LabTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  static ProgramResult Run(const Words& words, Variables more = {});
  static const fs::path& home();
  static fs::path lab() { return home() / "lab"; }
  static const ProgramResult& up();  // what `seshat up --json` answered
};

}  // namespace seshat::cli
