// A front door of its own: an indexer from a configuration, without a line of the command-line interface.
#include <gtest/gtest.h>

#include <thread>

#include "composition/runtime.h"
#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "ports/blob_transfer.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"
#include "support/temp_dir.h"

namespace seshat::composition {
namespace {

Config ConfigIn(const std::filesystem::path& directory) {
  const auto at = [&](const char* scheme, const char* name) { return scheme + (directory / name).string(); };
  return LoadUsableConfig({.flags = {{"state_dir", (directory / "state").string(), "flag"},
                                     {"store.url", at("file://", "store"), "flag"},
                                     {"bus.url", at("sqlite://", "bus.db"), "flag"},
                                     {"metadata.url", at("sqlite://", "metadata.db"), "flag"},
                                     {"observability.metrics", "off", "flag"}},
                           .working_directory = directory})
      .value();
}

// What an agent would leave behind.
void StoreSession(Runtime& runtime, const std::string& name) {
  const SessionId id = SessionId::Parse(name).value();
  const std::string manifest =
      records::EncodeManifest({.session_id = name, .revision = 1, .source = "rig", .agent_id = "agent"});
  const BlobKey key = keys::Manifest(id, 1).value();
  ASSERT_TRUE(PutBytes(*runtime.Store().value(), key, manifest));
  const SessionMigrated migrated{name, 1, key.value(), Sha256::Of(AsBytes(manifest)), "rig"};
  const Event event{.id = "e", .type = std::string(SessionMigrated::kType), .source = "x", .data = migrated.ToData()};
  ASSERT_TRUE(runtime.Bus().value()->Publish({&event, 1}));
}

TEST(Runtime, IndexesWithoutTheCommandLine) {
  const testing::TempDir directory;
  const auto runtime = Runtime::Make(ConfigIn(directory.path()), {}, {}).value();
  const auto roles = runtime->OpenRoles({Role::kIndex});
  ASSERT_TRUE(roles) << roles.error().ToString();
  StoreSession(*runtime, "s");
  std::stop_source stop;
  (*roles)->Start(stop.get_token());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!runtime->Index().value()->Get("s") && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  stop.request_stop();
  (*roles)->Join();
  EXPECT_EQ(runtime->Index().value()->Get("s").value().source, "rig");
  EXPECT_EQ(runtime->Index().value(), runtime->Index().value()) << "a port is opened once";
  EXPECT_EQ((*roles)->index(), runtime->Index().value().get()) << "roles and front doors share their ports";
}

}  // namespace
}  // namespace seshat::composition
