#include "platform/posix/find_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace seshat::posix {
namespace {

namespace fs = std::filesystem;

TEST(FindOnPathTest, TakesTheFirstExecutableInAnAbsoluteDirectory) {
  const testing::TempDir temp;
  const auto make = [&](const char* directory, fs::perms perms) {
    const auto file = temp.path() / directory / "tool";
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "x";
    fs::permissions(file, perms);
    return file;
  };
  const auto plain = make("plain", fs::perms::owner_read);
  const auto first = make("first", fs::perms::owner_all);
  const auto second = make("second", fs::perms::owner_all);
  const auto path = fmt::format("{}:{}:{}", plain.parent_path().string(), first.parent_path().string(),
                                second.parent_path().string());
  EXPECT_EQ(FindOnPath("tool", path), first);
  EXPECT_EQ(FindOnPath("other", path), "");
  EXPECT_EQ(FindOnPath("tool", ""), "");
  const auto relative = fs::relative(first.parent_path());
  EXPECT_EQ(FindOnPath("tool", relative.string()), "") << "a relative directory is no place to run programs from";
}

}  // namespace
}  // namespace seshat::posix
