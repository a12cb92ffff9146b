// One process of the pipeline: a service, and the ports through which it sees the world until it dies.
#pragma once

#include <memory>
#include <utility>

#include "services/migration/faulty_agent_ports.h"
#include "support/faulty_ports.h"

namespace seshat::testing {

// What outlives every process.
struct World {
  BlobStore& writer;
  BlobStore& reader;
  EventBus& bus;
  MetadataStore& index;
  MigrationJournal& journal;
};

template <typename Service>
class MortalProcess {
 public:
  struct Ports {
    Ports(const World& world, FaultOptions fault)
        : plan(fault),
          writer(world.writer, plan),
          reader(world.reader, plan),
          bus(world.bus, plan),
          index(world.index, plan),
          journal(world.journal, plan) {}
    FaultPlan plan;
    FaultyBlobStore writer;
    FaultyBlobStore reader;
    FaultyEventBus bus;
    FaultyMetadataStore index;
    FaultyJournal journal;
  };

  // `make` gets the Ports and answers a unique_ptr to the service.
  template <typename Make>
  MortalProcess(const World& world, FaultOptions fault, const Make& make)
      : mortal_(fault.for_ever), ports_(world, fault), service_(make(ports_)) {}

  // Its next call, and every other, would fail.
  bool dead() const { return mortal_ && ports_.plan.fired(); }
  Service& service() { return *service_; }

 private:
  bool mortal_;
  Ports ports_;
  std::unique_ptr<Service> service_;
};

}  // namespace seshat::testing
