import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

test("a subnet or a gateway is of one route table, and once more is no change", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const VpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: "10.0.0.0/24" });
  const { InternetGateway } = await ec2.createInternetGateway();
  const tableOf = async () => (await ec2.createRouteTable({ VpcId })).RouteTable?.RouteTableId ?? "";
  const [RouteTableId, other] = [await tableOf(), await tableOf()];
  const targets = [
    { SubnetId: Subnet?.SubnetId ?? "" },
    { GatewayId: InternetGateway?.InternetGatewayId ?? "" },
  ];
  for (const target of targets) {
    const { AssociationId = "" } = await ec2.associateRouteTable({ RouteTableId, ...target });
    const again = await ec2.associateRouteTable({ RouteTableId, ...target });
    assert.equal(again.AssociationId, AssociationId);
    await assert.rejects(ec2.associateRouteTable({ RouteTableId: other, ...target }), {
      code: "Resource.AlreadyAssociated",
    });
    const same = await ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId });
    assert.equal(same.NewAssociationId, AssociationId);
  }
  const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [RouteTableId] });
  assert.deepEqual(
    RouteTables?.[0]?.Associations?.map(({ SubnetId, GatewayId }) => ({
      ...(SubnetId && { SubnetId }),
      ...(GatewayId && { GatewayId }),
    })),
    targets,
  );
});
