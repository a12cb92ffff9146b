#include "composition/directories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seshat::composition {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Config ConfigWith(std::vector<Assignment> flags) {
  const LoadedConfig loaded = LoadConfig({.flags = std::move(flags), .working_directory = "/nowhere"});
  EXPECT_TRUE(loaded.problems.empty());
  return loaded.config;
}

Config ConfigWith(const std::string& source, const std::string& store, const std::string& state) {
  return ConfigWith(
      {{"sources.lab.path", source, "flag"}, {"store.url", "file://" + store, "flag"}, {"state_dir", state, "flag"}});
}

TEST(Directories, LieApartByDefault) {
  EXPECT_TRUE(CheckDirectories(ConfigWith("/nowhere/a", "/nowhere/b", "/nowhere/c")));
}

// A store inside a source copied itself for ever; a source that was the store was written into.
TEST(Directories, OverlapsAreRefusedWithBothNames) {
  struct Row {
    const char* source;
    const char* store;
    const char* state;
    const char* first;
    const char* second;
  };
  constexpr Row kRows[] = {
      {"/nowhere/lab", "/nowhere/lab/store", "/nowhere/state", "sources.lab.path", "store.url"},
      {"/nowhere/lab", "/nowhere/lab", "/nowhere/state", "sources.lab.path", "store.url"},
      {"/nowhere/store/lab", "/nowhere/store", "/nowhere/state", "sources.lab.path", "store.url"},
      {"/nowhere/lab", "/nowhere/store", "/nowhere/lab/.state", "sources.lab.path", "state_dir"},
      {"/nowhere/lab", "/nowhere/state/store", "/nowhere/state", "store.url", "state_dir"},
      {"/nowhere/lab", "/nowhere/state", "/nowhere/state", "store.url", "state_dir"},
  };
  for (const Row& row : kRows) {
    const auto apart = CheckDirectories(ConfigWith(row.source, row.store, row.state));
    ASSERT_FALSE(apart) << row.source << " " << row.store << " " << row.state;
    EXPECT_EQ(apart.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(apart.error().message, AllOf(HasSubstr(row.first), HasSubstr(row.second)));
  }
}

TEST(Directories, SourcesInsideOneAnotherAreRefused) {
  const auto apart = CheckDirectories(
      ConfigWith({{"sources.lab.path", "/nowhere/lab", "flag"}, {"sources.rig.path", "/nowhere/lab/rig", "flag"}}));
  ASSERT_FALSE(apart);
  EXPECT_THAT(apart.error().message, AllOf(HasSubstr("sources.lab.path"), HasSubstr("sources.rig.path")));
}

// Everything of a small lab in one folder: the database is a file in it, and no source holds that.
TEST(Directories, ADatabaseBesideSourceAndStoreIsFine) {
  EXPECT_TRUE(CheckDirectories(ConfigWith({{"sources.lab.path", "/nowhere/all/lab", "flag"},
                                           {"store.url", "file:///nowhere/all/store", "flag"},
                                           {"state_dir", "/nowhere/all/state", "flag"},
                                           {"bus.url", "sqlite:///nowhere/all/bus.db", "flag"}})));
}

TEST(Directories, ADatabaseInsideASourceIsRefused) {
  const auto apart = CheckDirectories(
      ConfigWith({{"sources.lab.path", "/nowhere/lab", "flag"}, {"bus.url", "sqlite:///nowhere/lab/bus.db", "flag"}}));
  ASSERT_FALSE(apart);
  EXPECT_THAT(apart.error().message, HasSubstr("bus.url"));
}

}  // namespace
}  // namespace seshat::composition
